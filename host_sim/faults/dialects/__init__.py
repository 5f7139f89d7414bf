"""The dialects as faults see them; ``dialect_of`` finds a fake modem's.

Small tables from the vendors' manuals and users' logs: which commands read, send, open, close;
where headers hold ids, addresses, ports and lengths; what is said unasked. May
import ``fake_modems``.
"""

from ip_commands.host_sim.fake_modems.engine.fake_modem import FakeModem
from ip_commands.host_sim.fake_modems.nordic.slm_proxy import NordicSlm
from ip_commands.host_sim.fake_modems.nordic.sm import NordicSm
from ip_commands.host_sim.fake_modems.quectel.module import QuectelModule
from ip_commands.host_sim.fake_modems.sequans.module import Sequans
from ip_commands.host_sim.fake_modems.simcom.ca import SimcomCa
from ip_commands.host_sim.fake_modems.simcom.cip import SimcomCip
from ip_commands.host_sim.fake_modems.simcom.cipopen import SimcomCipopen
from ip_commands.host_sim.fake_modems.telit.module import Telit
from ip_commands.host_sim.fake_modems.ublox.module import Ublox
from ip_commands.host_sim.faults.dialects.dialect import FIELDS, Dialect
from ip_commands.host_sim.faults.dialects.modules import QUECTEL, SEQUANS, TELIT, UBLOX
from ip_commands.host_sim.faults.dialects.nordic import NORDIC_SLM, NORDIC_SM
from ip_commands.host_sim.faults.dialects.simcom import SIMCOM_CA, SIMCOM_CIP, SIMCOM_CIPOPEN

_FAMILIES: tuple[tuple[type[FakeModem], Dialect], ...] = (
    (QuectelModule, QUECTEL),
    (SimcomCa, SIMCOM_CA),
    (SimcomCip, SIMCOM_CIP),
    (SimcomCipopen, SIMCOM_CIPOPEN),
    (Ublox, UBLOX),
    (Sequans, SEQUANS),
    (Telit, TELIT),
    (NordicSlm, NORDIC_SLM),
    (NordicSm, NORDIC_SM),
)

DIALECTS: dict[str, Dialect] = {dialect.name: dialect for _, dialect in _FAMILIES}
"""Every dialect by its name."""


def dialect_of(fake: FakeModem) -> Dialect:
    """Return a fake modem's dialect. Raises ValueError for a family that has none."""
    for family, dialect in _FAMILIES:
        if isinstance(fake, family):
            return dialect
    raise ValueError(f"no dialect is known for {type(fake).__name__}: add it to faults.dialects")


__all__ = ["DIALECTS", "FIELDS", "Dialect", "dialect_of"]
