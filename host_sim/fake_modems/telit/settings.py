"""The settings of Telit modules beside their sockets, and the times of #CPSMS as timer codes.

Sources: Telit ME910C1 AT Commands Reference Guide 80529ST10815A, ME310G1/ME910G1/ML865G1 guide
80617ST10991A (#WS46, +WS46, #CPSMS), 3GPP TS 27.007 5.9 (+WS46), TS 24.008 10.5.7.4 and 10.5.7.4a
(timer codes). Values of +WS46 are those of 27.007 that name GSM and LTE: assumed of these modules.
"""

from ip_commands.host_sim.fake_modems.engine.settings import NVM, Number, Setting

TELIT_ROWS = (
    Setting("#WS46", (Number(0, "0-3"),), NVM),
    Setting("+WS46", (Number(28, "12,28,30"),), NVM, test="(12,28,30)"),
)

_T3412_STEPS_S = ((2, 3), (30, 4), (60, 5), (600, 0), (3600, 1), (36000, 2), (1152000, 6))
_T3324_STEPS_S = ((2, 0), (60, 1), (360, 2))


def _bits(seconds: int, steps: tuple[tuple[int, int], ...]) -> str:
    for step_s, unit in steps:
        count = -(-seconds // step_s)
        if count <= 31:
            return f"{unit:03b}{count:05b}"
    return f"{steps[-1][1]:03b}11111"


def t3412_bits(seconds: int) -> str:
    """Return a periodic TAU timer as bits; rounded up to what they can express."""
    return _bits(seconds, _T3412_STEPS_S)


def t3324_bits(seconds: int) -> str:
    """Return an active time as bits; rounded up to what they can express."""
    return _bits(seconds, _T3324_STEPS_S)
