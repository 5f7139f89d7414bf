"""Answers that are lost, late, cut, refused, or without their line ends and prompts."""

from dataclasses import dataclass
from typing import ClassVar

from ip_commands.host_sim.fake_modems.engine.line import CommandFailed
from ip_commands.host_sim.fake_modems.engine.observer import PROMPT, RESULT
from ip_commands.host_sim.faults.arguments import argument
from ip_commands.host_sim.faults.blocks import Block, Piece
from ip_commands.host_sim.faults.catalogue import JUDGEMENT, fault
from ip_commands.host_sim.faults.fault import BlockFault, Fault
from ip_commands.host_sim.faults.state import StateFault

SIM7080_LATE = (
    "Xinyuan-LilyGO/LilyGo-T-SIM7080G issue 179: a blocking +CAOPEN answers after 75 s, in front "
    "of the next command's answer"
)


@dataclass(kw_only=True, eq=False)
class OncePerBlock(BlockFault):
    """Counts once per block, however many of its pieces it changes."""

    def __post_init__(self) -> None:
        super().__post_init__()
        self._noted: Block | None = None

    def note_once(self, what: str, block: Block) -> None:
        """Remember that it struck this block."""
        if block is not self._noted:
            self._noted = block
            self.note(what, block)


@dataclass(kw_only=True, eq=False)
class Dropping(OncePerBlock):
    """Drops whole pieces."""

    def dropped(self, data: bytes, block: Block) -> list[Piece]:
        """Drop these bytes."""
        self.note_once(f"lost {data!r}", block)
        return []


@fault(
    "answer_lost",
    "The whole answer to a command is lost, prompt and final result too; the command ran.",
    "Xinyuan-LilyGO/LilyGo-T-SIM7080G issue 17 (a driver one answer out of step); " + JUDGEMENT,
)
@dataclass(kw_only=True, eq=False)
class AnswerLost(Dropping):
    def change(self, piece: Piece, block: Block) -> list[Piece]:
        return self.dropped(piece.data, block)


@fault(
    "final_lost",
    "Only the final result of a command is lost; the lines and data before it arrive.",
    "logs of SIM7100 and SIM7600 with half lines; " + JUDGEMENT,
)
@dataclass(kw_only=True, eq=False)
class FinalLost(Dropping):
    def change(self, piece: Piece, block: Block) -> list[Piece]:
        return self.dropped(piece.data, block) if piece.kind == RESULT else [piece]


@fault(
    "answer_late",
    "The answer comes so much later; answers of later commands wait behind it, URCs do not.",
    SIM7080_LATE,
)
@dataclass(kw_only=True, eq=False)
class AnswerLate(OncePerBlock):
    late_ms: int = argument(6000, "how much later", low=0)

    def change(self, piece: Piece, block: Block) -> list[Piece]:
        self.note_once(f"{self.late_ms} ms late", block)
        piece.delay_ms += self.late_ms
        return [piece]


@fault(
    "answer_cut",
    "Of an answer only the first bytes arrive, the rest is lost.",
    "logs of SIM7100 and SIM7600 with half lines; " + JUDGEMENT,
)
@dataclass(kw_only=True, eq=False)
class AnswerCut(Dropping):
    position: int = argument(10, "how many bytes arrive", low=0)

    def change(self, piece: Piece, block: Block) -> list[Piece]:
        if piece.end <= self.position:
            return [piece]
        kept, cut = piece.split(max(0, self.position - piece.offset))
        self.dropped(cut.data, block)
        return [kept] if kept.data else []


@fault(
    "prompt_missing",
    "The prompt that asks for payload never arrives; the modem waits for the payload.",
    "toitware/cellular and Freematics drivers work around missed prompts; " + JUDGEMENT,
)
@dataclass(kw_only=True, eq=False)
class PromptMissing(Dropping):
    DEFAULT_TO: ClassVar[str | None] = "send"

    def change(self, piece: Piece, block: Block) -> list[Piece]:
        return self.dropped(piece.data, block) if piece.kind == PROMPT else [piece]


@fault(
    "line_end_missing",
    "Line ends around the lines of an answer or a URC are lost.",
    "particle-iot/docs AN004 (line ends of a SARA-R410M and a SARA-U260 that are no V.250)",
)
@dataclass(kw_only=True, eq=False)
class LineEndMissing(BlockFault):
    which: str = argument(
        "end",
        "in front of the lines and of the result, at their end, both; or all line feeds",
        choices=("front", "end", "both", "lf"),
    )

    def change(self, piece: Piece, block: Block) -> list[Piece]:
        data = piece.data
        if self.which == "lf":
            data = data.replace(b"\r\n", b"\r")
        if self.which in ("front", "both"):
            data = data.removeprefix(b"\r\n")
        if self.which in ("end", "both"):
            data = data.removesuffix(b"\r\n")
        if data != piece.data:
            self.note(f"{piece.data!r} became {data!r}", block)
            piece.data = data
        return [piece]


@fault(
    "command_refused",
    "A command is answered with an error and does not run.",
    "Quectel EC21-J log in SeeedJP/WioLTEforArduino issue 5 (AT+QSCLK=1 refused after RDY); "
    "zephyrproject-rtos/zephyr pull 57110 (ERROR to everything between RDY and APP RDY)",
)
@dataclass(kw_only=True, eq=False)
class CommandRefused(Fault):
    error: int | None = argument(None, "number of +CME ERROR; none: a bare ERROR", low=0)

    @property
    def decides_early(self) -> bool:
        return True

    def command(self, block: Block) -> None:
        if self.hits(block):
            self.note("refused", block)
            raise CommandFailed(self.error)


@fault(
    "edrx_refused",
    "Commands about eDRX are refused with an error.",
    "u-blox/ubxlib issue 201, Xinyuan-LilyGO/LilyGo-Modem-Series issue 309 (refused by networks "
    "and firmware)",
)
@dataclass(kw_only=True, eq=False)
class EdrxRefused(CommandRefused):
    DEFAULT_TO: ClassVar[str | None] = "edrx"
    DEFAULT_COUNT: ClassVar[int | None] = None


@fault(
    "echo_on",
    "The modem echoes what the host types, as after a restart or another program's ATE1.",
    "Quectel BG96 manual (echo is on after every boot); QuickSpot/walter-arduino never sends ATE0",
)
@dataclass(kw_only=True, eq=False)
class EchoOn(StateFault):
    LASTS: ClassVar[bool] = True

    def apply(self) -> str:
        self._before = self.site.fake.at.out.settings.echo
        self.site.fake.at.out.settings.echo = True
        return "echo on"

    def undo(self) -> None:
        self.site.fake.at.out.settings.echo = self._before
