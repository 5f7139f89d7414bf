"""Where one UE is: on or off, covered or not, and in which cell of which network."""

from ip_commands.host_sim.lte import edrx
from ip_commands.host_sim.lte.profiles import Profile


class Camping:
    """What decides which cell a UE can camp on, and what that cell is like."""

    __slots__ = (
        "_by_level",
        "edrx_allowed",
        "heard_dbm",
        "in_coverage",
        "is_below_floor",
        "is_covered",
        "is_shielded",
        "is_sunk",
        "powered",
        "profile",
    )

    def __init__(self, profile: Profile) -> None:
        self.profile = profile
        self.edrx_allowed = profile.edrx_allowed
        """Whether the serving cell sends hyperSFN and eDRX-Allowed."""
        self.powered = False
        self.heard_dbm: int | None = None
        """RSRP where it changes over time, of every network alike; None: the profile's."""
        self.is_below_floor = is_below = not self.hears(profile)
        """Whether the signal is below the floor of the present network."""
        self.is_sunk = is_below
        """The present network does not reach it for that reason; others may."""
        self.is_shielded = False
        """Nothing reaches it."""
        self.is_covered = not is_below
        """Whether the network of ``profile`` reaches the UE."""
        self.in_coverage = not is_below
        """Whether the UE has its cell; it has to find it again after ``is_covered`` was False."""
        self._by_level: dict[int, Profile] = {}
        """The present cell in each CE level that was met in it."""

    @property
    def camps(self) -> bool:
        """True when the radio is on and there is a cell."""
        return self.powered and self.in_coverage

    @property
    def mode(self) -> str:
        """``wb`` or ``nb``: which table of eDRX values applies."""
        return edrx.mode_of(self.profile.paging.channel)

    def enter_cell(self, cell_id: str, tac: str | None, edrx_allowed: bool) -> bool:
        """Be in another cell; return True when it is in another tracking area."""
        moved = tac is not None and tac != self.profile.tac
        self.edrx_allowed = edrx_allowed
        self.profile = self.profile.with_changes(cell_id=cell_id, tac=tac or self.profile.tac)
        return moved

    def enter_network(self, profile: Profile) -> None:
        """Be in another network, at a cell such as its profile describes."""
        self.profile = self.as_heard(profile)
        self.edrx_allowed = profile.edrx_allowed
        self.cross_floor()

    def as_heard(self, cell: Profile) -> Profile:
        """Return a cell with the RSRP that the UE hears it with."""
        return cell if self.heard_dbm is None else cell.with_changes(rsrp_dbm=self.heard_dbm)

    def hears(self, cell: Profile) -> bool:
        """Return whether the signal reaches a cell's floor."""
        rsrp_dbm = cell.rsrp_dbm if self.heard_dbm is None else self.heard_dbm
        return rsrp_dbm >= cell.coverage.floor_dbm

    def cross_floor(self) -> bool:
        """Compare the signal with the present network's floor; return True when it crossed it.

        It takes that network away, or gives it back as the end of a dead spot does: whichever
        came last counts.
        """
        is_below = not self.hears(self.profile)
        if is_below is self.is_below_floor:
            return False
        self.is_below_floor = self.is_sunk = is_below
        if not is_below:
            self.is_shielded = False
        return True

    def hear(self, rsrp_dbm: int) -> bool:
        """Measure another RSRP; return True when the CE level is another one now."""
        self.heard_dbm = rsrp_dbm
        profile = self.profile
        if profile.ce_level is not None:
            return False
        level = profile.coverage.level(rsrp_dbm)
        if level == profile.coverage_level:
            return False
        by_level = self._by_level
        if by_level.get(profile.coverage_level) is not profile:  # of another cell or network
            by_level.clear()
            by_level[profile.coverage_level] = profile
        if level not in by_level:
            by_level[level] = profile.with_changes(rsrp_dbm=rsrp_dbm)
        self.profile = by_level[level]
        return True
