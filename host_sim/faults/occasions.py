"""On which occasions a fault strikes: what it is aimed at, the how-manieth, and by what chance."""

import random
from dataclasses import dataclass

from ip_commands.host_sim.faults.arguments import argument


@dataclass(kw_only=True, eq=False)
class Occasions:
    """The arguments that all faults have, and the counting that goes with them."""

    to: str | None = argument(None, "what it happens to: a kind of command, a beginning, a URC")
    nth: int = argument(1, "the first occasion that counts", low=1)
    count: int | None = argument(1, "how often it happens at most; none: without end", low=1)
    at_ms: float | None = argument(None, "not before this time of the loop's clock", low=0)
    after_ms: float = argument(0.0, "not before so long after it was injected", low=0)
    for_ms: float | None = argument(None, "not longer than so long", low=0)
    probability: float = argument(1.0, "chance of each occasion", low=0, high=1)
    seed: int = argument(0, "of all that is random")

    def __post_init__(self) -> None:
        # a str as seed is hashed the same in every process, whatever PYTHONHASHSEED says
        self.random = random.Random(f"{self.seed}/{type(self).__name__}")
        self.seen = 0
        self.struck = 0

    @property
    def exhausted(self) -> bool:
        """True once it happened as often as it may."""
        return self.count is not None and self.struck >= self.count

    def strikes(self) -> bool:
        """Count one occasion; True if the fault happens on it."""
        if self.exhausted:
            return False
        self.seen += 1
        if self.seen < self.nth:
            return False
        if self.probability < 1 and self.random.random() >= self.probability:
            return False
        self.struck += 1
        return True
