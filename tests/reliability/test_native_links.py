"""Links whose sockets are the board's own; ``make reliability`` tries every fault with each."""

import random

import pytest

from ip_commands.device import os_udp_socket
from ip_commands.host_sim.time.virtual_time import run
from tests.reliability import matrix
from tests.reliability.client_life import live_with
from tests.reliability.dialects import NATIVE
from tests.reliability.footnotes import footnote_of
from tests.reliability.native_faults import NATIVE_FAULTS
from tests.reliability.native_life import NOTICED_S, NativeLife


def row(name):
    return next(row for row in matrix.rows() if row.name == name)


@pytest.mark.parametrize("link", NATIVE)
def test_a_slice_of_the_matrix_with_native_links(link):
    source = random.Random(f"native/{link}")
    for tried in ("context_lost", "outage, 1 h", "attach_rejected", *source.sample(NAMES, 6)):
        cell = matrix.cell(row(tried), link, seeds=(source.randrange(100),))
        assert cell.kept or footnote_of(cell), f"{link} {tried}: {cell.outcomes}"


NAMES = [row.name for row in matrix.rows() if row.name not in ("outage, 3 h", "silence, 1 h")]


@pytest.mark.parametrize("link", NATIVE)
@pytest.mark.parametrize("number", range(len(NATIVE_FAULTS)), ids=[f.name for f in NATIVE_FAULTS])
def test_what_an_ip_stack_does_wrong_ends_nothing(link, number):
    cell = matrix.native_cell(number, link, seeds=(1,))
    assert cell.outcomes[0].happened
    assert cell.kept, cell.outcomes


@pytest.mark.parametrize("link", NATIVE)
def test_a_link_that_is_gone_is_seen_when_it_is_asked_for(link):
    out = matrix.cell(row("context_lost"), link, seeds=(1,)).outcomes[0]
    assert out.seen == "WAITING"
    assert out.seen_s <= NOTICED_S


@pytest.mark.parametrize("link", ["PPP", "PPP with carrier"])
@pytest.mark.parametrize("name", ["reboot", "reboot, no boot line", "power_lost"])
def test_a_modem_that_goes_without_a_word_is_missed(name, link):
    missed = matrix.cell(row(name), link, seeds=(1,))
    assert missed.kept
    assert missed.outcomes[0].seen == "WAITING"
    assert missed.outcomes[0].seen_s <= NOTICED_S


@pytest.mark.parametrize(
    ("link", "name", "why"),
    [
        ("Pycom", "byte_lost", "no AT line"),
        ("Pycom", "context_lost, no URC", "no AT line"),
        ("XBee", "reboot", "the program restarts with the module"),
        ("PPP", "socket_closed", "the sockets are the board's"),
        ("PPP", "edrx_refused", "nobody asks for eDRX"),
        ("PPP", "answer_lost, of a read", matrix.NOT_MET),
    ],
)
def test_what_a_link_cannot_have_is_said_with_its_reason(link, name, why):
    assert why in matrix.cell(row(name), link, seeds=(1,)).why_not


@pytest.mark.parametrize("link", NATIVE)
def test_a_life_loses_what_nobody_owns_up_to_and_leaves_nothing_behind(link):
    """The account holds: what the stack held and the handler never saw counts as lost."""
    before = os_udp_socket.socket

    async def lived():
        life = NativeLife(link, 1)

        def begin(life):
            life.client._take = lambda *datagram: None
            return lambda: None

        return await live_with(life, begin, limit_s=60.0)

    out = run(lived())
    assert out.lost >= 7
    assert out.recovered_s is None
    assert os_udp_socket.socket is before
