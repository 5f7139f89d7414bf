"""The rude modem: mischief by name, between any fake modem and any host.

Every fault of the catalogue works on every family, because it acts on what passes the wire, on
the radio below the fake, or on a few named hooks of the fakes; no fault knows a driver. May import
``fake_modems`` and ``uart``; never ``world``, never the device half.

::

    faults = device.faults                      # of a SimulatedDevice; or Faults(fake) on a bench
    lost = faults.inject("answer_lost", to="read", nth=2)
    faults.inject("byte_flipped", probability=0.001, seed=7)          # for ever, all bytes
    faults.inject("reboot", to="read", position=10, boot_line=False)  # inside an answer
    faults.inject("outage", after_ms=60_000, for_ms=3_600_000)
    assert lost.happened.count == 1
    lost.cancel()
    faults.heal()

``inject(name, **arguments)`` returns a ``FaultHandle``: ``cancel()`` ends it, ``active`` tells
whether it can still happen, ``happened`` how often it did, when, and what exactly was done.
Unknown names and arguments raise ``FaultError`` (a ValueError) that names the known ones. Faults
combine: they act in the order in which they were injected. While none is active, nothing is
changed, not by a byte and not by a microsecond. ``heal()`` ends all of them: what was held back
comes out, what was switched is switched back.

Which occasions count is the same for all faults:

=============  ===================================================================================
``to``         what it happens to. A kind of command: ``read``, ``send``, ``open``, ``close``,
               ``context``, ``registration``, ``edrx``, ``psm``, ``sim``, ``clock``,
               ``identity``, ``any``; ``data``: an answer or a push that carries payload; a
               command's beginning (``"AT+CEREG?"``); ``urc`` or a URC's beginning
               (``'+QIURC: "recv"'``); ``everything``. Each fault has its default.
``nth``        the first occasion that counts, from 1.
``count``      how often it happens at most; None: without end. Each fault has its default; with a
               ``probability`` it is None.
``at_ms``      not before this time, in milliseconds of the running loop's clock.
``after_ms``   not before so long after ``inject``.
``for_ms``     not longer than so long; of a state (``outage``, ``silence``): how long it lasts.
``probability``  each occasion with this chance, the same for the same ``seed``.
``seed``       of the chance and of everything else random.
=============  ===================================================================================

A fault of the modem's state (``reboot``, ``context_lost``, ``socket_closed``, ...) without ``to``
happens at once or at its time; with ``to`` at that command: ``when="after"`` its answer (default)
or ``when="before"`` it runs, and ``delay_ms`` later. ``position`` counts the bytes of an answer or
a URC from 0, without the echo.

``CATALOGUE`` lists every fault with its sentence, its arguments and the public source that shows
real modems do this. ``parse_fault`` reads ``name=answer_lost,to=read,nth=2``, as ``host-sim serve
--fault`` takes it. ``positions`` yields every byte position of a recorded conversation, for tests
that try all of them.

Not here, because they are no modem's doing: handlers that hang, raise or exhaust the memory, a
full flash, a log that raises. Tests of the device half make those themselves.
"""

from ip_commands.host_sim.faults.arguments import FaultError
from ip_commands.host_sim.faults.catalogue import CATALOGUE, CatalogueEntry
from ip_commands.host_sim.faults.dialects import DIALECTS, Dialect, dialect_of
from ip_commands.host_sim.faults.face import FaultHandle, Faults
from ip_commands.host_sim.faults.happened import Happened, Happening
from ip_commands.host_sim.faults.kinds import KINDS
from ip_commands.host_sim.faults.option import parse_fault
from ip_commands.host_sim.faults.recording import Exchange, Position, positions

__all__ = [
    "CATALOGUE",
    "DIALECTS",
    "KINDS",
    "CatalogueEntry",
    "Dialect",
    "Exchange",
    "FaultError",
    "FaultHandle",
    "Faults",
    "Happened",
    "Happening",
    "Position",
    "dialect_of",
    "parse_fault",
    "positions",
]
