"""Where one UE is: on or off, covered or not, and in which cell of which network."""

from ip_commands.host_sim.lte import edrx
from ip_commands.host_sim.lte.profiles import Profile


class Camping:
    """What decides which cell a UE can camp on, and what that cell is like."""

    __slots__ = (
        "edrx_allowed",
        "in_coverage",
        "is_covered",
        "is_shielded",
        "powered",
        "profile",
    )

    def __init__(self, profile: Profile) -> None:
        self.profile = profile
        self.edrx_allowed = profile.edrx_allowed
        """Whether the serving cell sends hyperSFN and eDRX-Allowed."""
        self.powered = False
        self.in_coverage = True
        """Whether the UE has its cell; it has to find it again after ``is_covered`` was False."""
        self.is_covered = True
        """Whether the network of ``profile`` reaches the UE."""
        self.is_shielded = False
        """Nothing reaches it."""

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
        self.profile = profile
        self.edrx_allowed = profile.edrx_allowed
