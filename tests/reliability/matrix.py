"""Every fault with every dialect and link: how long until it works again, what was lost, who said.

A cell counts only when its fault really struck.
"""

import statistics
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from ip_commands.host_sim.faults import CATALOGUE, FaultError
from ip_commands.host_sim.time.virtual_time import run
from tests.reliability.client_life import ClientLife, Outcome, live, live_with
from tests.reliability.dialects import NATIVE
from tests.reliability.host_faults import HOST_FAULTS, options_of
from tests.reliability.life import Life
from tests.reliability.native_faults import NATIVE_FAULTS
from tests.reliability.native_life import NOTICED_S, NativeLife

SEEDS = (1, 2, 3)


@dataclass(frozen=True)
class Row:
    """One fault as it is injected."""

    name: str
    fault: str
    arguments: dict[str, Any] = field(default_factory=dict)
    lasts_s: float = 120.0
    client: dict[str, Any] = field(default_factory=dict)
    """Options of the client."""
    early: bool = False
    """It is there before the client begins."""


LONG = (
    Row("outage, 1 min", "outage", {"for_ms": 60_000}),
    Row("outage, 1 h", "outage", {"for_ms": 3_600_000}, 3600.0),
    Row("outage, 3 h", "outage", {"for_ms": 10_800_000}, 10_800.0),
    Row("silence, 6 s", "silence", {"for_ms": 6_000}),
    Row("silence, 75 s", "silence", {"for_ms": 75_000}),
    Row("silence, 1 h", "silence", {"for_ms": 3_600_000}, 3600.0),
    Row("answer_late, 6 s", "answer_late", {"to": "read", "late_ms": 6_000}),
    Row("answer_late, 75 s", "answer_late", {"to": "read", "late_ms": 75_000}),
    Row("answer_lost, of a read", "answer_lost", {"to": "read"}),
    Row("answer_lost, of a send", "answer_lost", {"to": "send"}),
    Row("final_lost, of a read", "final_lost", {"to": "read"}),
    Row("final_lost, of a send", "final_lost", {"to": "send"}),
    Row("overrun, 16 bytes", "overrun", {"size": 16, "to": "data"}),
    Row("overrun, 256 bytes", "overrun", {"size": 256, "to": "data"}),
    Row("byte_lost, of data", "byte_lost", {"to": "data", "position": 45}),
    Row("byte_lost, 1 in 300", "byte_lost", {"probability": 1 / 300}),
    Row("context_lost, no URC", "context_lost", {"urc": False}),
    Row("socket_closed, no URC", "socket_closed", {"urc": False}),
    Row("reboot, no boot line", "reboot", {"boot_line": False}),
    Row("reboot, in a read", "reboot", {"to": "read", "position": 20}),
    *(
        Row(f"registration_shown, {stat}", "registration_shown", {"stat": stat})
        for stat in range(12)
        if stat not in (1, 5)
    ),
    *(
        Row(f"attach_rejected, cause {cause}", "attach_rejected", {"cause": cause})
        for cause in (3, 8, 11, 15)
    ),
)
"""Rows with arguments of their own, beside each fault of the catalogue as it is by default."""

_NEEDED: dict[str, dict[str, Any]] = {
    "outage": {"for_ms": 100_000},
    "silence": {"for_ms": 100_000},
    "answer_cut": {"position": 4},  # inside the shortest answer
}
_ASKS_FOR_EDRX = ("edrx_refused", "edrx_granted")
NOT_MET = "nothing was said or typed that it could strike"


def rows() -> tuple[Row, ...]:
    """Return all rows, the catalogue's first."""
    plain = []
    for name in CATALOGUE:
        asks = name in _ASKS_FOR_EDRX
        client = {"edrx_s": 81.92} if asks else {}
        plain.append(Row(name, name, _NEEDED.get(name, {}), client=client, early=asks))
    return (*plain, *LONG)


@dataclass
class Cell:
    """What came of one fault with one dialect: the worst of the seeds, their median time."""

    row: str
    model: str
    outcomes: list[Outcome]
    why_not: str = ""
    """Why this modem cannot have the fault, or ``NOT_MET``."""

    @property
    def recovered_s(self) -> float | None:
        """Median; None when one of them never recovered."""
        times = [out.recovered_s for out in self.outcomes]
        return None if None in times else statistics.median(t for t in times if t is not None)

    def total(self, name: str) -> int:
        """Return the sum of a figure over the seeds."""
        values = [getattr(out, name) for out in self.outcomes]
        return sum(v if isinstance(v, int) else len(v) for v in values)

    @property
    def kept(self) -> bool:
        """Whether every promise was kept."""
        return bool(self.why_not) or not (
            self.recovered_s is None
            or any(self.total(name) for name in ("lost", "doubled", "wrong"))
            or any(out.ended for out in self.outcomes)
        )

    @property
    def seen(self) -> str:
        """The first that is seen of it, and when."""
        for out in self.outcomes:
            if out.seen:
                return f"`{out.seen}` {out.seen_s:.0f} s"
        return "counters" if self.total("counted") else "nothing to see"


def life_of(model: str, seed: int, client: dict[str, Any]) -> ClientLife:
    """Return a client with that modem, or on a board with that native link."""
    if model in NATIVE:
        return NativeLife(model, seed, client)
    return Life(model, seed, client)


def cell(row: Row, model: str, seeds: Iterable[int] = SEEDS) -> Cell:
    """Live through a row with a model, once per seed."""
    lasts_s = row.lasts_s + (NOTICED_S if model in NATIVE else 0)

    async def lived(seed: int) -> Outcome:
        life = life_of(model, seed, row.client)
        arguments = {"seed": seed, **row.arguments}
        return await live(life, row.fault, arguments, lasts_s, early=row.early)

    done = Cell(row.name, model, [])
    for seed in seeds:
        try:
            done.outcomes.append(run(lived(seed)))
        except FaultError as error:
            done.why_not = str(error)
            return done
    if not any(out.happened for out in done.outcomes):
        done.why_not = NOT_MET
    return done


def host_cell(number: int, model: str, seeds: Iterable[int] = SEEDS) -> Cell:
    """The same for a fault of the host."""
    fault = HOST_FAULTS[number]
    if model in NATIVE and fault.needs_driver:
        return Cell(fault.name, model, [], "no driver parses anything there")

    async def lived(seed: int) -> Outcome:
        return await live_with(life_of(model, seed, options_of(fault)), fault.begin)

    return Cell(fault.name, model, [run(lived(seed)) for seed in seeds])


def native_cell(number: int, model: str, seeds: Iterable[int] = SEEDS) -> Cell:
    """The same for a fault of an IP stack."""
    fault = NATIVE_FAULTS[number]

    async def lived(seed: int) -> Outcome:
        return await live_with(NativeLife(model, seed), fault.begin)

    return Cell(fault.name, model, [run(lived(seed)) for seed in seeds])
