"""Every family's driver keeps the modem contract, over its fake, with the bytes cut anyhow."""

import pytest

from ip_commands.host_sim import fake_modems
from ip_commands.modem_drivers import models
from tests.contracts.check_modem import CHECKS, SERVICE
from tests.contracts.check_udp_socket import CHECKS as UDP_CHECKS
from tests.contracts.check_udp_socket import check_udp_socket
from tests.drivers.limits import PUSHED, checks_of
from tests.drivers.modem_bench import CUTS, ModemBench, run_all, run_check, share_of

FAKED = [name for name in models.NAMES if name.lower() in fake_modems.MODELS]
# one model of each family through every cutting; its siblings differ by a line in a table
REPRESENTATIVES = ["BG95", "EC21", "SIM7080G", "SARA-R410M", "SARA-R510S", "GM02SP", "ME310G1"]
AS_ON_A_BOARD = "115200 baud"
PUSHING = ["BG95", "SIM7080G"]
# what a quirk makes impossible, by quirk
IMPOSSIBLE = {
    "rest-dropped": {"receives_the_longest_command"},  # the modem throws the end away
    "psm-after-reboot": {"psm_is_granted_refused_and_switched_off"},
}


@pytest.mark.parametrize(
    ("model", "cut", "check"),
    [
        pytest.param(model, cut, check, id=f"{model}-{cut}-{check.__name__}")
        for model in REPRESENTATIVES
        for cut in CUTS
        for check in (CHECKS if cut == AS_ON_A_BOARD else share_of(f"{model} {cut}"))
    ],
)
async def test_contract(model, cut, check):
    await run_check(check, model, cut)


@pytest.mark.parametrize("check", UDP_CHECKS, ids=lambda check: check.__name__)
@pytest.mark.parametrize("model", REPRESENTATIVES)
async def test_the_socket_keeps_the_udp_socket_contract(model, check):
    bench = ModemBench(model)

    async def open_socket():
        _, socket = await bench.online(4242)
        return socket, inject, sent

    async def inject(payload):
        bench.inject(payload)
        return SERVICE

    async def sent():
        entries = [(entry[0], entry[3]) for entry in bench.sent]
        bench.radio.uplink.clear()
        return entries

    await check_udp_socket(open_socket, SERVICE, [check])
    await bench.finish()


@pytest.mark.parametrize(
    ("model", "quirk"),
    [
        (model, quirk)
        for model in REPRESENTATIVES
        for quirk in sorted(fake_modems.MODELS[model.lower()].QUIRKS)
    ],
)
async def test_contract_with_a_quirk(model, quirk):
    checks = share_of(f"{model} {quirk}")
    await run_all(model, without=IMPOSSIBLE.get(quirk, ()), quirks=(quirk,), checks=checks)


# families whose models differ by firmware, or by how they receive, have a file of their own:
# test_nordic_contract.py, test_simcom_contract.py
APART = ("nordic", "simcom_cip", "simcom_cipopen")
SIBLINGS = [
    name
    for module, _, names in models._FAMILIES
    for name in names
    if module not in APART and name in FAKED and name not in REPRESENTATIVES
]


@pytest.mark.parametrize("model", SIBLINGS)
async def test_contract_of_every_model(model):
    await run_all(model, "7-byte pieces")


@pytest.mark.parametrize("cut", CUTS)
@pytest.mark.parametrize("model", PUSHING)
async def test_contract_with_direct_push(model, cut):
    checks = CHECKS if cut == AS_ON_A_BOARD else share_of(f"{model} pushing {cut}")
    await run_all(model, cut, without=checks_of(PUSHED), checks=checks, push=True)
