"""An LTE network in plain Python: paging, eDRX, PSM, HLCOM; exact where the standards are exact.

Only the standard library, no asyncio, no HTTP; time is an ``EventQueue`` whose millisecond is the
1 ms sub-frame. ``Network`` joins the parts; ``Ue`` is what a modem uses. May import
``time.event_queue``.
"""

from ip_commands.host_sim.lte.datagram import Datagram, TrailEntry
from ip_commands.host_sim.lte.network import Network, NotAttached
from ip_commands.host_sim.lte.profiles import PROFILES, Profile
from ip_commands.host_sim.lte.ue import Ue

__all__ = ["PROFILES", "Datagram", "Network", "NotAttached", "Profile", "TrailEntry", "Ue"]
