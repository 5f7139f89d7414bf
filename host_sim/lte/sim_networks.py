"""What a SIM says of networks: its home, whom it prefers, whom it must not use, where it was last.

TS 31.102: EF_IMSI, EF_EHPLMN, EF_PLMNwAcT (user), EF_OPLMNwAcT (operator), EF_FPLMN, EF_EPSLOCI,
EF_HPPLMN. All of it survives a power-off.
"""

from collections.abc import Iterable
from typing import NamedTuple

from ip_commands.host_sim.lte.value_kinds import is_whole

ACCESSES = ("lte", "cat-m1", "nb-iot")
"""Access technologies, as profiles call them."""

DEFAULT_SEARCH_MIN = 60
"""Without EF_HPPLMN (TS 22.011 3.2.2.5)."""


def check_plmn(plmn: str) -> str:
    """Return a PLMN, MCC and MNC. Raises ValueError unless five or six digits."""
    if not (isinstance(plmn, str) and plmn.isascii() and plmn.isdigit() and len(plmn) in (5, 6)):
        raise ValueError(f"PLMN {plmn!r}: five or six digits are needed, MCC and MNC")
    return plmn


class Preference(NamedTuple):
    """An entry of a list of preferred networks."""

    plmn: str
    access: str | None
    """None: every access technology."""


def read_preference(text: str) -> Preference:
    """Read ``26201`` or ``26201/nb-iot``. Raises ValueError saying what is wrong."""
    plmn, slash, access = text.partition("/")
    if slash and access not in ACCESSES:
        raise ValueError(f"{text!r}: after the slash comes one of {', '.join(ACCESSES)}")
    return Preference(check_plmn(plmn), access or None)


class SimNetworks:
    """One SIM's lists; entries are read by ``read_preference``, the first is the best.

    home: its HPLMN; equivalent_home: EHPLMNs, best first. search_every_min: how often a roaming
    device looks for a network of higher priority: a multiple of 6 up to 480, of 120 up to 14 400
    for Cat-M1 and NB-IoT (TS 31.102 4.2.6, TS 22.011 3.2.2.5); 0: never. Raises ValueError.
    """

    __slots__ = (
        "equivalent_home",
        "forbidden",
        "home",
        "operator_list",
        "registered",
        "search_every_min",
        "user_list",
    )

    def __init__(
        self,
        home: str,
        *,
        equivalent_home: Iterable[str] = (),
        user_list: Iterable[str] = (),
        operator_list: Iterable[str] = (),
        forbidden: Iterable[str] = (),
        search_every_min: int = DEFAULT_SEARCH_MIN,
    ) -> None:
        every = search_every_min
        if not is_whole(every):
            raise ValueError(f"search_every_min {every!r}: a whole number of minutes is needed")
        fits = (every % 6 == 0 and 0 <= every <= 480) or (
            every % 120 == 0 and 480 < every <= 14400
        )
        if not fits:
            raise ValueError(
                f"search_every_min {every}: a multiple of 6 up to 480, or of 120 up to 14400"
            )
        self.home = check_plmn(home)
        self.equivalent_home = tuple(map(check_plmn, equivalent_home))
        self.user_list = tuple(map(read_preference, user_list))
        self.operator_list = tuple(map(read_preference, operator_list))
        self.forbidden: dict[str, int] = dict.fromkeys(map(check_plmn, forbidden), 11)
        """EF_FPLMN, oldest first: PLMN -> EMM cause that put it there."""
        self.registered: tuple[str, str] | None = None
        """PLMN and access where it was last registered."""
        self.search_every_min = every

    @property
    def homes(self) -> tuple[str, ...]:
        """What counts as home, best first: the EHPLMNs, or without any the HPLMN."""
        return self.equivalent_home or (self.home,)


def home_of(imsi: str) -> str:
    """Return the HPLMN of an IMSI, with an MNC of two digits as MCC 901 has."""
    return imsi[:5]
