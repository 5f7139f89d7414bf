"""Where one UE is: on or off, covered or not, and in which cell of which network."""

from ip_commands.host_sim.lte import edrx
from ip_commands.host_sim.lte.profiles import Profile


class Camping:
    """What decides which cell a UE can camp on, and what that cell is like."""

    __slots__ = ("_by_level", "edrx_allowed", "heard_dbm", "in_coverage", "powered", "profile")

    def __init__(self, profile: Profile) -> None:
        self.profile = profile
        self.edrx_allowed = profile.edrx_allowed
        """Whether the serving cell sends hyperSFN and eDRX-Allowed."""
        self.powered = False
        self.in_coverage = profile.rsrp_dbm >= profile.coverage.floor_dbm
        self.heard_dbm: int | None = None
        """RSRP where it changes over time; None: the profile's."""
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
        if self.heard_dbm is not None:
            profile = profile.with_changes(rsrp_dbm=self.heard_dbm)
        self.profile = profile
        self.edrx_allowed = profile.edrx_allowed

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
