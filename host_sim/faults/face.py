"""The face of the room: inject faults into one modem, watch them, end them."""

import asyncio
from collections import deque
from typing import Any, Protocol

from ip_commands.host_sim.fake_modems.engine.fake_modem import FakeModem
from ip_commands.host_sim.faults.catalogue import make
from ip_commands.host_sim.faults.dialects import dialect_of
from ip_commands.host_sim.faults.fault import Fault, Site
from ip_commands.host_sim.faults.happened import Happened
from ip_commands.host_sim.faults.radio_tap import RadioTap
from ip_commands.host_sim.faults.recording import Recording
from ip_commands.host_sim.faults.wire import WireFilter
from ip_commands.host_sim.uart.link import ModemEnd

ENDED_KEPT = 200
"""Handles of ended faults that ``handles`` still lists."""


class Uart(Protocol):
    """A UART in memory, on a pseudo-terminal or on a TCP port."""

    @property
    def modem(self) -> ModemEnd:
        """The modem's end of it."""
        ...


class FaultHandle:
    """One injected fault."""

    def __init__(self, faults: "Faults", number: int, fault: Fault, given: dict[str, Any]) -> None:
        self.number = number
        self.name = fault.name
        self.arguments = given
        """As they were given."""
        self.active = True
        """True until it was cancelled, healed, or did all it could."""
        self._faults = faults
        self._fault = fault

    @property
    def happened(self) -> Happened:
        """How often it struck, when, and what it did."""
        return self._fault.happened

    def cancel(self) -> None:
        """End it: what it held back comes out, what it switched is switched back."""
        self._faults._end(self)

    def __repr__(self) -> str:
        said = ", ".join(f"{key}={value!r}" for key, value in self.arguments.items())
        state = "active" if self.active else "ended"
        return f"<Fault {self.name} ({said}) {state}, happened {self.happened.count} times>"


class Faults:
    """The faults of one fake modem.

    end: the UART (or its modem's end) to put them on; None: where the modem is connected, now and
    after every ``connect``. Make it in a running loop. Raises ValueError for a modem that has one.
    """

    def __init__(self, fake: FakeModem, end: ModemEnd | Uart | None = None) -> None:
        if fake.at.out.observer is not None:
            raise ValueError(f"this {fake.model} has its Faults already: use that object")
        self.fake = fake
        self.dialect = dialect_of(fake)
        if end is not None:
            fake.connect(end if isinstance(end, ModemEnd) else end.modem)
        self._wire = WireFilter(fake)
        self._wire.on_spent = self._spent
        self._tap: RadioTap | None = None
        self._site = Site(fake, self._wire, self._radio, self.dialect)
        self._active: dict[Fault, FaultHandle] = {}
        self._timers: dict[Fault, list[asyncio.TimerHandle]] = {}
        self._ended: deque[FaultHandle] = deque(maxlen=ENDED_KEPT)
        self._injected = 0

    def _radio(self) -> RadioTap:
        if self._tap is None:
            self._tap = RadioTap(self.fake)
        return self._tap

    def inject(self, name: str, **arguments: Any) -> FaultHandle:
        """Let a fault of the catalogue happen; see the room's docstring for the arguments.

        Raises FaultError for an unknown name or argument, or one that this modem cannot have.
        """
        fault = make(name, arguments)
        fault.place(self._site)
        self._injected += 1
        handle = FaultHandle(self, self._injected, fault, arguments)
        self._active[fault] = handle
        self._timers[fault] = []
        fault.on_end = lambda: self._end(handle)
        loop = asyncio.get_running_loop()
        start_s = loop.time() + fault.after_ms / 1000
        if fault.at_ms is not None:
            start_s = max(start_s, fault.at_ms / 1000)
        if start_s > loop.time():
            self._timers[fault].append(loop.call_at(start_s, self._start, fault))
        else:
            self._start(fault)
        return handle

    def heal(self) -> None:
        """End every fault; what was held back or late comes out now."""
        for handle in tuple(self._active.values()):
            self._end(handle)
        self._wire.say_what_is_late()

    @property
    def active(self) -> tuple[FaultHandle, ...]:
        """Those that can still happen, or last, oldest first."""
        return tuple(self._active.values())

    @property
    def handles(self) -> tuple[FaultHandle, ...]:
        """Those that ended (the newest of them) and the active ones, in order of injection."""
        return tuple(
            sorted((*self._ended, *self._active.values()), key=lambda handle: handle.number)
        )

    def record(self) -> Recording:
        """Begin to record what the modem says, before any fault; see ``positions``."""
        recording = Recording(self._stop_recording)
        self._wire.recorder = recording.hear
        return recording

    def _stop_recording(self) -> None:
        self._wire.recorder = None

    # --- inside --------------------------------------------------------------------------------

    def _start(self, fault: Fault) -> None:
        self._wire.faults.append(fault)
        fault.start()
        if fault.spent:
            fault.on_end()
        elif fault.for_ms is not None and not fault.lasts:
            loop = asyncio.get_running_loop()
            self._timers[fault].append(loop.call_later(fault.for_ms / 1000, fault.on_end))

    def _spent(self, fault: Fault) -> None:
        fault.on_end()

    def _end(self, handle: FaultHandle) -> None:
        if not handle.active:
            return
        handle.active = False
        fault = handle._fault
        fault.ended = True
        del self._active[fault]
        for timer in self._timers.pop(fault):
            timer.cancel()
        self._ended.append(handle)
        if fault in self._wire.faults:
            self._wire.faults.remove(fault)
            fault.end()
