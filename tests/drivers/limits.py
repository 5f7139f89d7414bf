"""What some models cannot do by design: the checks of the contract that fail on them, and why.

The contract's tests leave these checks out, and ``docs.make_modem_tables`` says `cannot` for them;
both insist that everything else passes. What is listed here must fail: a check that has come to
pass is to be taken out (``test_limits.py``).
"""

from collections import namedtuple

Limit = namedtuple("Limit", "reason checks")

PUSHED = Limit(
    "the driver lets this modem print datagrams as they come, so it keeps none that could be "
    "found later",
    {
        "finds_what_the_modem_did_not_report",
        "finds_what_was_not_reported_even_if_asked_in_short_turns",
        "a_send_finds_what_was_not_reported_at_once",
    },
)
ONE_SOCKET = Limit(
    "the driver opens a single connection unless `connections` says more, which needs firmware "
    "whose +CLPORT takes a connection's number",
    {
        "start_takes_over_from_a_program_that_died_with_sockets_open",
        "two_sockets_have_their_own_ports",
    },
)
GPRS_ONLY = Limit(
    "a 2G modem: it has no RSRP, and the check's radio attaches as LTE does, with a data "
    "connection (a test of its own tries both in the way of GPRS)",
    {"attach_registers_and_connects", "tells_the_signal_in_dbm"},
)
EDRX_WITHOUT_PSM = Limit(
    "it has eDRX without PSM (a test of its own tries it)",
    {"edrx_is_granted_refused_and_switched_off"},
)
JOINED = Limit(
    "datagrams that wait together are joined",
    {
        "keeps_queued_datagrams_apart_and_in_order",
        "receives_what_arrives_during_a_read",
        "finds_what_the_modem_did_not_report",
    },
)
SENDER_HIDDEN = Limit(
    "a buffered datagram's sender is not told",
    {"receives_from_a_sender_never_contacted_and_names_it"},
)
ASKED = Limit(
    "firmware (Serial LTE Modem, and Serial Modem before 0.2) that reports nothing by itself: the "
    "driver asks every 400 ms and finds all, but does not count it as found without a report",
    {"finds_what_the_modem_did_not_report"},
)
REFUSAL_NOT_TOLD = Limit(
    "Serial LTE Modem firmware says `#XDATAMODE: 0` also when the network has refused a datagram",
    {"a_refused_send_fails_in_time_and_can_be_repeated"},
)

LIMITS = {
    "SIM7000G": (PUSHED, ONE_SOCKET),
    "SIM7000A": (PUSHED, ONE_SOCKET),
    "SIM7000C": (PUSHED, ONE_SOCKET),
    "SIM7000E": (PUSHED, ONE_SOCKET),
    "SIM800": (PUSHED, ONE_SOCKET, GPRS_ONLY),
    "SIM7600": (PUSHED,),
    "SIM7500": (PUSHED,),
    "SIM7670G": (PUSHED, EDRX_WITHOUT_PSM),
    "SIM7672G": (PUSHED, EDRX_WITHOUT_PSM),
    "nRF9160": (ASKED, REFUSAL_NOT_TOLD),
    "nRF9160-SLM-2.5": (ASKED, REFUSAL_NOT_TOLD),
    "nRF9151-SM-0.1": (ASKED,),
}
"""The limits of each model, or fake, with the driver's default options; others have none."""


def checks_of(*limits):
    """Return the names of the checks that these limits leave out."""
    return {name for limit in limits for name in limit.checks}


def impossible(model):
    """Return the names of the checks that a model cannot pass with default options."""
    return checks_of(*LIMITS.get(model, ()))
