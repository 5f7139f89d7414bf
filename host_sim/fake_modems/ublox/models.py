"""The u-blox models: how SARA-R410M, R412M, R422, SARA-R5 and LARA-R6 differ on the wire.

Sources: AN004 of the public repository particle-iot/docs (log of a SARA-R410M-02B), the public
repository u-blox/ubxlib (cell/src: table of module features), u-blox UBX-17003787 R09, R11, R16
(SARA-R4 AT manual), UBX-20032566 R05 (IP application note), UBX-20009652 R02 (SARA-R5 application
note). Revisions other than R410M's are examples.
"""

from dataclasses import dataclass, replace

from ip_commands.host_sim.fake_modems.generic.general import ModelFacts

ATTACH, FORCED, MAPPED = "attach", "forced", "mapped"
"""What sockets need: the attach alone; AT+CGACT=1,<cid>; an UPSD profile mapped and active."""


@dataclass(frozen=True)
class UbloxModel:
    """How one module of the family differs."""

    facts: ModelFacts
    version: str
    """What ATI9 prints."""
    is_r4: bool = False
    """Qualcomm based SARA-R4: the forms of its reads of CPSMS, CEDRXS, CGPADDR, USOCTL."""
    uart_ready_ms: int = 5500
    data_urc: str = "+UUSORF"
    soft_reset: int = 15
    """<fun> of the AT+CFUN that restarts."""
    lte_m_act: int = 7
    """<AcT> of LTE-M."""
    surplus_cereg_field: str = ""
    """Level 4 has one more field between <tac> and <ci>: in ``urc``, ``read``, ``urc read``."""
    cereg_levels: tuple[int, ...] = (0, 1, 2, 3, 4, 5)
    """<n> of +CEREG."""
    shows_local_port: bool = False
    """+USOCR: <socket>,<local port>."""
    listens_udp: bool = False
    """AT+USOLI works on UDP sockets."""
    needs_listen: bool = False
    """A UDP socket hears nothing before AT+USOLI or its first AT+USOST (UBX-17003787 R16)."""
    hears_assistance: bool = False
    """AT+USOSTF and AT+UDCONF=89 exist: release assistance."""
    has_names: bool = True
    """UDNSRN and UPING exist; not in the log of SARA-R410M firmware L0.0.00.00.05.06."""
    sockets_need: str = ATTACH
    has_profiles: bool = False
    """UPSD, UPSDA and UPSND exist."""
    odd_line_ends: bool = False
    """Answers of USORF have the line ends of R410M firmware L0.0.00.00.05.06."""
    autobaud: bool = False
    """AT+IPR=0 is the factory setting: no URC before the first AT."""
    upsv_modes: tuple[int, ...] = (0, 4)
    deep_sleep_needs_upsv: bool = False
    rats: tuple[int, ...] = (7, 8)
    """Values of +URAT, as the module comes: 7 LTE-M, 8 NB-IoT, 9 GPRS; of a LARA-R6 3 LTE."""
    ucged_mode: int = 2
    """<mode> of +UCGED beside 0 (u-blox/ubxlib: 5 on SARA-R410M and R412M)."""


def _r4(name: str, revision: str, application: str, rats: tuple[int, ...]) -> UbloxModel:
    return UbloxModel(
        ModelFacts("u-blox", name, revision),
        f"{revision},{application}",
        is_r4=True,
        lte_m_act=8,
        surplus_cereg_field="urc read",
        cereg_levels=(0, 1, 2, 3, 4),
        listens_udp=True,
        needs_listen=True,
        odd_line_ends=True,
        rats=rats,
        ucged_mode=5,
    )


def _r5(name: str, revision: str) -> UbloxModel:
    return UbloxModel(
        ModelFacts("u-blox", name, revision),
        f"{revision},A00.01",
        uart_ready_ms=6000,
        data_urc="+UUSORD",
        soft_reset=16,
        surplus_cereg_field="urc read",
        shows_local_port=True,
        hears_assistance=True,
        sockets_need=MAPPED,
        has_profiles=True,
        autobaud=True,
        upsv_modes=(0, 1, 2, 3),
        deep_sleep_needs_upsv=True,
    )


UBLOX_MODELS: dict[str, UbloxModel] = {
    "SARA-R410M": replace(
        _r4("SARA-R410M-02B", "L0.0.00.00.05.06", "A.02.00", (7, 8)), has_names=False
    ),
    "SARA-R412M": _r4("SARA-R412M-02B", "M0.10.00", "A.02.11", (7, 8, 9)),
    "SARA-R422": replace(
        _r4("SARA-R422-00B", "00.12", "A00.01", (7, 8)),
        surplus_cereg_field="",
        ucged_mode=2,
        shows_local_port=True,
        listens_udp=False,
        needs_listen=False,
        odd_line_ends=False,
        sockets_need=FORCED,
        has_profiles=True,
    ),
    "SARA-R5": _r5("SARA-R510S-00B", "02.06"),
    "SARA-R500S": _r5("SARA-R500S-00B", "02.06"),
    "SARA-R510S": _r5("SARA-R510S-00B", "02.06"),
    "SARA-R510M8S": _r5("SARA-R510M8S-00B", "02.06"),
    "LARA-R6": UbloxModel(
        ModelFacts("u-blox", "LARA-R6001D-00B", "00.13"),
        "00.13,A00.01",
        uart_ready_ms=9000,
        surplus_cereg_field="read",
        upsv_modes=(0, 1, 2, 3),
        rats=(3,),
    ),
}
