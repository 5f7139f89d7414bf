"""Something wrong at one byte of a conversation: safe while it lasts, well soon after.

Here a slice with a fixed seed; ``make reliability`` tries every byte.
"""

import random

import pytest

from tests.reliability.dialects import DIALECTS
from tests.reliability.every_byte import live_through, strikes

SLICE = 8
"""Strikes per dialect."""


@pytest.mark.parametrize("model", DIALECTS)
def test_a_slice_of_every_byte(model):
    source = random.Random(f"every byte/{model}")
    for strike in source.sample(strikes(model), SLICE):
        verdict = live_through(strike)
        assert not verdict.faults, f"{strike}: {verdict.faults}"


# Each of these was silence, a wrong payload or a message that nobody had written.
SEEN = (
    # the driver typed CR LF where a data mode had to follow a CR: the cloud got LF + payload
    ("nRF9151", "cut", "AT+CEREG?", 1, 1),
    # the data mode was not left with +++: the cloud got CRs and four times AT
    ("nRF9160", "cut", "AT+CEREG?", 1, 2),
    # #SS without a readable state was taken for a socket that is gone, with all it held
    ("ME310G1", "lost", "AT#SS=1", 1, 2),
    # ... and "5" read as "1" for a connection that needs no #SA: deaf for ever
    ("ME310G1", "flipped", "AT#SS=1", 1, 10),
    # <left> of #SRECV flipped: two commands were joined into one
    ("ME310G1", "flipped", "AT#SRECV=1,1500,1", 1, 32),
    # the count in +CIPSEND garbled: sent again
    ("SIM7600", "doubled", "+CIPSEND: 0,21,21", 1, 18),
    # a pushed datagram whose header is garbled was counted nowhere
    ("SIM7600", "doubled", "RECV FROM:100.64.0.1:6969", 2, 31),
    ("SIM7000G", "flipped", "RECV FROM:100.64.0.1:6969", 1, 35),
    # a garbled sender ended the URC handler, and the datagram with it
    ("SARA-R510S", "flipped", "AT+USORF=0,1024", 1, 12),
    # events read as "hung up": the socket was closed without reading what it held
    ("nRF9160", "doubled", "AT#XPOLL=0,0", 1, 18),
    # a URC that ended with the last counted byte was handed on as the end of the command
    ("BG95", "followed by a URC", "AT+QIRD=0", 1, 36),
    ("SIM7600", "followed by a URC", "RECV FROM:100.64.0.1:6969", 2, 51),
    ("nRF9151", "followed by a URC", "AT#XRECVFROM=0,0,64,1", 2, 49),
)


@pytest.mark.parametrize(("model", "kind", "to", "nth", "position"), SEEN)
def test_what_was_seen_once(model, kind, to, nth, position):
    wanted = [
        strike
        for strike in strikes(model, (kind,))
        if (strike.place.to, strike.place.nth, strike.place.position) == (to, nth, position)
    ]
    assert len(wanted) == 1, f"the conversation has changed: no byte {position} of {to!r}"
    verdict = live_through(wanted[0])
    assert not verdict.faults
    assert not verdict.footnote


def test_a_driver_that_trusts_payload_is_found(monkeypatch):
    """The net holds: a parser that believes every payload is caught by it."""
    from ip_commands.modem_drivers.at_parser import AtParser

    def believe(self):
        behind = self._start + self._raw_bytes
        if self._end < behind:
            return None
        payload = bytes(self._view[self._start : behind])
        header, self._header = self._header, b""
        self._advance(behind)
        return 2, header, payload

    monkeypatch.setattr(AtParser, "_take_payload", believe)
    lost = [strike for strike in strikes("BG95", ("lost",)) if strike.in_payload]
    verdicts = [live_through(strike) for strike in lost[::6]]
    assert any("wrong" in fault for verdict in verdicts for fault in verdict.faults)
