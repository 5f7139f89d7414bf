"""Fake modems: what the vendors' modules do on a UART, over any ``Radio``.

``create`` makes one by its model's name out of ``MODELS``. A fake modem is made, and lives, in a
running loop. One folder per vendor, which imports no other vendor's, on ``engine`` and
``generic``; beside its own folders this file imports nothing of ours.
"""

from collections.abc import Callable, Sequence

from ip_commands.host_sim.fake_modems.engine.fake_modem import FakeModem
from ip_commands.host_sim.fake_modems.engine.radio import Radio
from ip_commands.host_sim.fake_modems.nordic.models import SLM_MODELS, SM_MODELS
from ip_commands.host_sim.fake_modems.nordic.slm_proxy import NordicSlm
from ip_commands.host_sim.fake_modems.nordic.sm import NordicSm
from ip_commands.host_sim.fake_modems.quectel.bg import BG_MODELS, QuectelBg
from ip_commands.host_sim.fake_modems.quectel.ec import EC_MODELS, QuectelEc
from ip_commands.host_sim.fake_modems.sequans.module import SEQUANS_MODELS, Sequans
from ip_commands.host_sim.fake_modems.simcom.ca import CA_MODELS, SimcomCa
from ip_commands.host_sim.fake_modems.simcom.cip import CIP_MODELS, SimcomCip
from ip_commands.host_sim.fake_modems.simcom.cipopen import CIPOPEN_MODELS, SimcomCipopen
from ip_commands.host_sim.fake_modems.telit.module import TELIT_MODELS, Telit
from ip_commands.host_sim.fake_modems.ublox.models import UBLOX_MODELS
from ip_commands.host_sim.fake_modems.ublox.module import Ublox

Maker = Callable[[str, Radio, Sequence[str], int, bool], FakeModem]

_FAMILIES: tuple[tuple[type[FakeModem], tuple[str, ...]], ...] = (
    (QuectelBg, tuple(BG_MODELS)),
    (QuectelEc, tuple(EC_MODELS)),
    (SimcomCa, tuple(CA_MODELS)),
    (SimcomCip, tuple(CIP_MODELS)),
    (SimcomCipopen, tuple(CIPOPEN_MODELS)),
    (Ublox, tuple(UBLOX_MODELS)),
    (Telit, tuple(TELIT_MODELS)),
    (NordicSlm, tuple(SLM_MODELS)),
    (NordicSm, tuple(SM_MODELS)),
    (Sequans, tuple(SEQUANS_MODELS)),
)

MODELS: dict[str, type[FakeModem]] = {
    name.lower(): family for family, names in _FAMILIES for name in names
}
"""Model names, lower case, and the classes that play them."""

_PROPER_NAMES = {name.lower(): name for _, names in _FAMILIES for name in names}


def create(
    model: str, radio: Radio, quirks: Sequence[str] = (), seed: int = 0, powered: bool = True
) -> FakeModem:
    """Return a fake modem and make it the radio's listener.

    model: any case, see ``MODELS``. quirks: names out of ``MODELS[model].QUIRKS``. seed: of all
    its jitter. powered: True runs already and answers at once, False waits for ``power_key``.
    Raises ValueError for an unknown model or quirk. Call it in a running loop.
    """
    family = MODELS.get(model.lower())
    if family is None:
        raise ValueError(f"no fake modem is called {model!r}; known: {', '.join(sorted(MODELS))}")
    return family(_PROPER_NAMES[model.lower()], radio, quirks, seed, powered)


__all__ = ["MODELS", "FakeModem", "create"]
