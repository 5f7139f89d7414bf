"""The nRF91 chips and their firmware, as far as they differ on the wire.

Sources: public repositories nrfconnect/sdk-nrf (applications/serial_lte_modem, documentation and
sources of several versions) and nrfconnect/ncs-serial-modem (tags v0.1.0 to v1.0.1). The release
at which a form changed is known to one minor version or so. Revisions are examples.
"""

from dataclasses import dataclass

from ip_commands.host_sim.fake_modems.generic.general import ModelFacts


@dataclass(frozen=True)
class NordicModel:
    """One chip with one firmware."""

    facts: ModelFacts
    hardware: str
    version: str
    """What #XSLMVER or #XSMVER answers."""
    is_sm: bool = False
    """Answers #XSMVER, ends lines with CR; SLM: #XSLMVER and CRLF."""
    blanks: bool = False
    """Answers as SLM of SDK 1.3 and 1.4 wrote them: blanks behind commas, handles from 1."""
    receives: str = "header"
    """#XRECVFROM: ``bare`` (data first, no source), ``combined`` (data first, "ip:port") or
    ``header`` (header first, "ip",port)."""
    proxy: str = "source"
    """#XUDPDATA: ``recv`` (#XUDPRECV), ``typed``, ``plain`` (no source), ``source``; "": none."""
    selects: bool = True
    """#XSOCKETSELECT exists."""
    rai_option: int = 61
    """Socket option of release assistance: 61 with a value, 50 and its neighbours; 0: none."""


_9160 = ModelFacts("Nordic Semiconductor ASA", "nRF9160-SICA", "mfw_nrf9160_1.3.7")
_9161 = ModelFacts("Nordic Semiconductor ASA", "nRF9161-LACA", "mfw_nrf91x1_2.0.2")
_9131 = ModelFacts("Nordic Semiconductor ASA", "nRF9131-LACA", "mfw_nrf91x1_2.0.2")
_9151 = ModelFacts("Nordic Semiconductor ASA", "nRF9151-LACA", "mfw_nrf91x1_2.0.2")

SLM_MODELS: dict[str, NordicModel] = {
    "nRF9160": NordicModel(_9160, "nRF9160 SICA B1A", '"3.1.0"'),
    "nRF9160-SLM-2.5": NordicModel(
        _9160, "nRF9160 SICA B1A", '"2.5.0"', proxy="plain", rai_option=50
    ),
    "nRF9160-SLM-1.8": NordicModel(
        *(_9160, "nRF9160 SICA B0A", '"1.8"'),
        receives="combined",
        proxy="plain",
        selects=False,
        rai_option=50,
    ),
    "nRF9160-SLM-1.4": NordicModel(
        *(_9160, "nRF9160 SICA B0A", '"1.4"'),
        blanks=True,
        receives="bare",
        proxy="recv",
        selects=False,
        rai_option=0,
    ),
    "nRF9151-SM-0.1": NordicModel(
        _9151, "nRF9151 LACA A0A", '"v0.1.0","3.1.99"', is_sm=True, proxy=""
    ),
}
"""Firmware with one selected socket; SM 0.1 still had the commands of SLM."""

SM_MODELS: dict[str, NordicModel] = {
    "nRF9161": NordicModel(_9161, "nRF9161 LACA ADA", '"v1.0.1","3.2.1"', is_sm=True),
    "nRF9131": NordicModel(_9131, "nRF9131 LACA A0A", '"v1.0.1","3.2.1"', is_sm=True),
    "nRF9151": NordicModel(_9151, "nRF9151 LACA A0A", '"v1.0.1","3.2.1"', is_sm=True),
}
"""Firmware with a handle in every command (SM from 0.2 on)."""
