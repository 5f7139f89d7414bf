"""SIMCom's CIP and CIPOPEN drivers keep the modem contract, in each of their ways to receive."""

import pytest

from ip_commands.device.errors import NotSupported
from ip_commands.host_sim import fake_modems
from tests.contracts.check_modem import CHECKS, SERVICE
from tests.contracts.check_udp_socket import CHECKS as UDP_CHECKS
from tests.contracts.check_udp_socket import check_udp_socket
from tests.drivers.limits import JOINED, ONE_SOCKET, PUSHED, SENDER_HIDDEN, checks_of, impossible
from tests.drivers.modem_bench import CUTS, ModemBench, run_check, share_of

# (name, model, options, what that way of receiving makes impossible)
WAYS = (
    ("SIM7000G", "SIM7000G", {}, impossible("SIM7000G")),
    ("SIM7000G asked", "SIM7000G", {"push": False}, checks_of(ONE_SOCKET)),
    ("SIM7000G, six sockets", "SIM7000G", {"connections": 6}, checks_of(PUSHED)),
    ("SIM7000G, six asked", "SIM7000G", {"connections": 6, "push": False}, set()),
    ("SIM7600", "SIM7600", {}, impossible("SIM7600")),
    ("A7670", "A7670", {}, set()),
    ("A7670 pushing", "A7670", {"push": True}, checks_of(PUSHED)),
)
# (quirk, option that it concerns, what it makes impossible then); None: everything
IMPOSSIBLE = {
    ("reads-merge", "push", False): checks_of(JOINED),
    ("clport-single-only", "connections", 6): None,
}
DEFAULT = (
    "SIM7000A",
    "SIM7000C",
    "SIM7000E",
    "SIM800",
    "SIM7500",
    "A7672",
    "SIM7670G",
    "SIM7672G",
)
SIBLINGS = [
    *((model, {}, impossible(model)) for model in DEFAULT),
    ("SIM7600", {"push": False}, checks_of(JOINED, SENDER_HIDDEN)),
]


async def run_all(model, options, without, cut="whole", quirks=(), checks=CHECKS):
    ran = 0
    for check in checks:
        if check.__name__ not in without:
            try:
                await run_check(check, model, cut, quirks, **options)
            except BaseException as error:
                error.add_note(f"in {check.__name__}")
                raise
            ran += 1
    known = {check.__name__ for check in CHECKS}
    assert known >= set(without), "an exception names no check"
    assert ran == sum(check.__name__ not in without for check in checks)


@pytest.mark.parametrize("cut", CUTS)
@pytest.mark.parametrize("way", WAYS, ids=lambda way: way[0])
async def test_contract(way, cut):
    name, model, options, without = way
    checks = CHECKS if cut == "115200 baud" else share_of(f"{name} {cut}")
    await run_all(model, options, without, cut, checks=checks)


def quirks_of(way):
    """Return (quirk, what it makes impossible) of each quirk that leaves something possible."""
    _, model, options, _ = way
    for quirk in sorted(fake_modems.MODELS[model.lower()].QUIRKS):
        more = set()
        for (name, option, value), checks in IMPOSSIBLE.items():
            if name == quirk and options.get(option) == value:
                more = checks
        if more is not None:
            yield quirk, more


@pytest.mark.parametrize(
    ("way", "quirk", "more"),
    [
        pytest.param(way, quirk, more, id=f"{way[0]}, {quirk}")
        for way in WAYS
        if way[0] not in ("SIM7000G asked", "A7670 pushing")  # no lines of their own
        for quirk, more in quirks_of(way)
    ],
)
async def test_contract_with_a_quirk(way, quirk, more):
    _, model, options, without = way
    checks = share_of(f"{way[0]} {quirk}")
    await run_all(model, options, without | more, quirks=(quirk,), checks=checks)


@pytest.mark.parametrize(("model", "options", "without"), SIBLINGS)
async def test_contract_of_every_model(model, options, without):
    await run_all(model, options, without, "7-byte pieces")


@pytest.mark.parametrize("check", UDP_CHECKS, ids=lambda check: check.__name__)
@pytest.mark.parametrize("model", ["SIM7000G", "SIM7600", "A7670"])
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


@pytest.mark.parametrize("quirk", ["clport-single-only"])
async def test_firmware_that_gives_several_connections_no_port(quirk):
    bench = ModemBench("SIM7000G", quirks=(quirk,), connections=2)
    with pytest.raises(NotSupported, match="connections=1"):
        await bench.online(4242)
    await bench.finish()


async def test_a_sim7000_sends_as_much_as_the_network_takes():
    bench = ModemBench("SIM7000G", quirks=("send-limit-1024",))
    _, socket = await bench.online(4242)
    assert socket.max_payload == 1024
    await bench.finish()


async def test_a_sim800_uses_the_apn_and_tells_rssi_only():
    bench = ModemBench("SIM800")
    modem, _ = await bench.online(4242)
    assert modem.registration == 5
    assert bench.fake.context_apn(1) == "super"
    signal = await modem.read_signal()
    assert -113 <= signal.rssi_dbm <= -51
    assert signal[1:] == (None, None)
    await bench.finish()


async def test_sim767x_edrx_is_granted_refused_and_switched_off():
    bench = ModemBench("SIM7670G")
    modem, _ = await bench.online(4242)
    assert await modem.set_edrx(81.92) == 81.92
    bench.radio.edrx = ("0011", "0001")
    assert await modem.set_edrx(163.84) == 40.96
    bench.radio.edrx = None
    assert await modem.set_edrx(20.48) is None
    assert await modem.set_edrx(None) is None
    with pytest.raises(NotSupported, match="SIM7670G"):
        await modem.set_psm(20, 3600)
    await bench.finish()
