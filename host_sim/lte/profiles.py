"""What a network and its subscription are like, one frozen table for each kind users speak of.

Every parameter can be overridden per device: ``network.add_ue(..., page_miss=0.2)``. Where no
public source gives a figure, the comment says "engineering default".
"""

from dataclasses import dataclass, field, fields, replace

from ip_commands.host_sim.lte import coverage, profile_checks
from ip_commands.host_sim.lte.coverage import Coverage
from ip_commands.host_sim.lte.paging import MPDCCH, NPDCCH, PDCCH, PagingConfig

GRANT, SHORTEN, IGNORE, REFUSE = profile_checks.POLICIES

_DEFAULT_PAGING = PagingConfig()


@dataclass(frozen=True, slots=True)
class Profile:
    """Parameters of one device's radio access, core network and subscription."""

    name: str
    access: str
    """``lte``, ``cat-m1`` or ``nb-iot``."""

    # Cell.
    paging: PagingConfig = _DEFAULT_PAGING
    edrx_allowed: bool = True
    """hyperSFN and eDRX-Allowed in SIB1 (TS 36.331)."""
    cell_offset_ms: int = 0
    """How far this cell's SFN and H-SFN are ahead of the common clock."""
    plmn: str = "310410"
    tac: str = "2B67"
    cell_id: str = "1A2D003"
    registration: int = 5
    """<stat> of +CEREG once attached; a Super SIM roams everywhere: 5."""
    rsrp_dbm: int = -95
    """Until ``ue.radio`` is told that it changes."""
    rsrq_db: float = -10.0
    mtu_bytes: int = 1358
    """Recommended link MTU, TS 23.060 annex C."""

    # What the UE asks for until told otherwise (as a modem that stored it), and what it gets.
    ue_cycle_frames: int | None = None
    """UE-specific DRX cycle; None: the cell's default."""
    requested_edrx: str | None = None
    requested_psm: tuple[str, str] | None = None
    """(T3412 extended, T3324)."""
    edrx_policy: str = REFUSE
    """``grant``: as asked; ``shorten``: at most ``edrx_longest``; ``ignore``: ``edrx_longest``
    whatever was asked; ``refuse``: no eDRX."""
    edrx_longest: str = "0101"
    ptw: str = "0011"
    """The paging time window the network assigns, cut to the cycle."""
    psm_policy: str = REFUSE
    """As ``edrx_policy``, with ``psm_longest``."""
    psm_longest: tuple[str, str] = ("00100001", "00001000")

    # MME and S-GW.
    hlcom: bool = False
    hlcom_margin_s: int = 10
    """Added to the expected wait and to the longest set-up in the CE level where the UE was last
    heard; an EPC timer then rounds the DL Buffering Duration up, above 62 s to whole minutes.
    Engineering default; no operator publishes one."""
    hlcom_packets: int = 10
    """DL Buffering Suggested Packet Count (public Azure private 5G core examples: 10, 200)."""
    hlcom_windows: int = 1
    """In how many paging time windows what HLCOM keeps is paged, however it came: before or inside
    the first. 1, because the S-GW deletes it when no page is answered, and only a new packet makes
    it notify the MME again (TS 23.401 5.3.4.3). More: an MME that asks for buffering anew."""
    page_at_next_ptw_without_hlcom: bool = False
    """TS 23.682 4.5.13.3.3 lets an MME do so; Cisco's refuses, and so the service describes it."""
    t3413_ms: int = 2000
    """At least so long from one page to its repetition; ``t3413`` adds the rule for long cycles.
    Open5GS src/mme/mme-timer.c; srsEPC uses the same value."""
    pages: int = 3
    """Open5GS: one page and two repetitions; srsEPC: 1."""
    sgw_packets: int = 64
    """Open5GS lib/pfcp: packets per bearer while paging."""
    sgw_drop_s: int = 0
    """After a refusal or a failed page the S-GW drops everything for so long, unasked.
    Cisco S-GW, ``ddn failure-action pkt-drop-time``: 300."""
    keep_after_failed_page: bool = False
    """Open5GS' S-GW: stale packets stay and stop further notifications until the UE is back."""
    mme_clock_error_ms: int = 0
    """How far the MME's H-SFN clock is ahead; networks agree to 1-2 s (TS 23.682 4.5.13.3.2)."""
    core_delay_ms: int = 0
    """S11, S1 and SGi together; 10-30 ms in the field. 0 keeps paging times exact."""
    t3412_s: int = 3240
    """Periodic TAU without PSM: Open5GS' sample configuration, 54 min."""
    mobile_reachable_extra_s: int = 240
    """Added to T3412: TS 24.301 5.3.5."""
    implicit_detach_s: int = 240
    """After the mobile reachable timer. The network's choice (TS 24.301 5.3.5): Open5GS lets
    T3412 + 240 s pass once more."""
    reallocate_guti_at_tau: bool = False
    """A new M-TMSI moves the UE's paging time windows."""
    nat_udp_idle_s: int = 30
    """For how long after its last uplink datagram the core's NAT remembers a UDP port of the
    device. Twilio, "Super SIM Network Timeouts": 30 for UDP, 12 for what it calls UDP streams; a
    visited network may be between: 20 to 300 in public reports. RFC 4787 REQ-5 asks for 120."""

    # Refusals: what this network says no to, and the timers that follow (TS 24.301 10.2).
    attach_reject: int | None = None
    """EMM cause with which every attach is refused; None: none is."""
    session_reject: int | None = None
    """ESM cause with which every data connection is refused; None: none is."""
    barred_cause: int = 8
    """EMM cause for a SIM that its home core bars; 7 and 15 are sent, too (TS 29.272 annex A)."""
    congestion: float = 0.0
    """Chance that an attach is refused with cause 22."""
    attaches_per_hour: int | None = None
    """The home core takes no more than so many of one SIM (83703); the number is not public."""
    t3346_s: int | None = 900
    """Sent with cause 22; 15 to 30 minutes are usual. None: not sent."""
    t3396_s: int | None = None
    """Sent with ESM causes; None: not sent."""
    t3411_s: int = 10
    t3402_s: int = 720
    attach_attempts: int = 5
    """Tries, each T3411 after the one before, until T3402 (TS 24.301 5.5.1.2.6)."""
    session_max_s: int | None = None
    """The network ends each data connection after so long, and gives the next another address:
    3600 and 86 400 are reported (SIM7000 users; particle-iot/device-os issue 800)."""
    session_end_cause: int = 36
    """ESM cause of that: 36 regular deactivation, 39 reactivation requested."""
    ac_barring_factor: float = 1.0
    """Chance that the cell lets a device in that has something to say; below 1 the others wait
    about ``ac_barring_s`` (TS 36.331 5.3.3.11). An answer to a page is never barred."""
    ac_barring_s: int = 4
    """ac-BarringTime: 4 to 512."""

    # Air interface.
    page_miss: float = 0.02
    """Chance that one page is not heard. Engineering default."""
    connect_ms: tuple[int, int, int] = (200, 400, 900)
    """Idle to user plane: least, most likely, most. Engineering default."""
    rtt_ms: int = 140
    """Super SIM on SIM7000: 111-165 ms (twilio/cellular-modem-knowledge-base, simcom-supersim)."""
    n310: int = 10
    """Out-of-sync indications that start T310 (TS 36.331 7.3: 1 to 20; 6 to 10 are usual)."""
    t310_ms: int = 1000
    """From there to radio link failure (TS 36.331 9.2.5; 0 to 2000)."""
    t311_ms: int = 10_000
    """How long the UE then looks for a cell to re-establish its connection in (srsRAN_4G
    srsenb/sib.conf.example; 1000 to 30 000); after that it is idle."""
    reestablish_ms: int = 150
    """Re-establishment once there is a cell. Engineering default, within T301 (400)."""
    enb_gives_up_ms: int = 2000
    """How long an eNB retransmits in vain before it releases the UE. Engineering default: some
    tens of RLC polls. With nothing to send it waits for ``rrc_inactivity_ms``."""
    enb_packets: int = 128
    """Downlink datagrams that an eNB queues for one UE, then tail drop. Engineering default."""
    connected_drx_ms: int = 0
    """Long C-DRX cycle: a downlink datagram waits up to one of these while connected."""
    rrc_inactivity_ms: int = 10_000
    """Measured on LTE-M in Germany (boaks/zephyr-coaps-client, POWERCONSUMPTION.md)."""
    as_rai: bool = False
    """The network takes release assistance: the connection ends ``as_rai_ms`` after the last
    datagram. Of a device whose host never says anything that is so after every datagram; once a
    host has said it, after the datagrams of which it says so."""
    as_rai_ms: int = 300
    attach_ms: tuple[int, int, int] = (1500, 2500, 6000)
    """Cell search to attach complete. Engineering default."""
    pdp_ms: int = 300
    """Activation of the data connection once connected. Engineering default."""
    tau_ms: int = 1100
    """TAU exchange after the radio connection; with it 1.5 s in all (nRF9160 specification)."""
    ce_level: int | None = None
    """Coverage enhancement 0, 1, 2, whatever the RSRP: radio steps take 1, 4, 16 times as long.
    None: by RSRP, with the thresholds that follow."""
    ce_thresholds_dbm: tuple[int, ...] | None = None
    """Below the first it is level 1, below the second level 2; None: ``coverage.COVERAGE``."""
    rsrp_floor_dbm: int | None = None
    """No coverage below; None: ``coverage.COVERAGE``."""
    mpdcch_repetitions: int = 1
    """mpdcch-NumRepetition-Paging, 1..256 sub-frames for one page."""
    datagram_loss: float = 1e-6
    """Residual loss of QCI 9, TS 23.203 table 6.1.7."""
    downlink_kbps: int = 375
    uplink_kbps: int = 375
    """Half-duplex Cat-M1, Release 13."""
    uplink_packets: int = 64
    """Datagrams a modem keeps while it connects, then tail drop. Engineering default."""

    # Worked out of the others.
    coverage: Coverage = field(init=False)
    coverage_level: int = field(init=False)
    ce_factor: int = field(init=False)
    """How many times longer radio steps take (``coverage.REPETITIONS``)."""
    page_ms: int = field(init=False)
    """How long one page is on the air, with its repetitions."""

    def __post_init__(self) -> None:
        profile_checks.check(self)
        limits = coverage.coverage_of(self.access, self.ce_thresholds_dbm, self.rsrp_floor_dbm)
        level = limits.level(self.rsrp_dbm) if self.ce_level is None else self.ce_level
        ce_factor = coverage.REPETITIONS[level]
        object.__setattr__(self, "coverage", limits)
        object.__setattr__(self, "coverage_level", level)
        object.__setattr__(self, "ce_factor", ce_factor)
        object.__setattr__(self, "page_ms", self.mpdcch_repetitions * ce_factor)

    def t3413(self, cycle_ms: int) -> int:
        """Return T3413 for a paging cycle T: longer than it and one page, at least ``t3413_ms``.

        The value is the network's own, but it has to exceed the cycle (TS 23.682 4.5.13.3.0,
        TS 24.301 table 10.2.2): else a repetition meets the page before it at one occasion, and
        the MME gives up before the UE ever listened.
        """
        return max(self.t3413_ms, cycle_ms + self.page_ms)

    @property
    def link_failure_ms(self) -> int:
        """How long a connected UE is without its cell until radio link failure.

        N310 indications, the first after an evaluation of 200 ms, the others 10 ms apart (TS
        36.133 7.6.1), and T310.
        """
        return 200 + 10 * (self.n310 - 1) + self.t310_ms

    def with_changes(self, **overrides: object) -> "Profile":
        """Return a copy with other parameters. Raises ValueError; TypeError for an unknown one."""
        if not overrides:
            return self
        known = [item.name for item in fields(self) if item.init]
        for name in overrides:
            if name not in known:
                raise TypeError(f"a profile has no {name!r}; it has {', '.join(known)}")
        return replace(self, **overrides)  # type: ignore[arg-type]


_CAT_M1 = Profile("cat-m1", "cat-m1", paging=PagingConfig(MPDCCH, 128, "T", 10, "fdd", 1))
_EDRX = replace(_CAT_M1, requested_edrx="0101", edrx_policy=GRANT, psm_policy=GRANT)

PROFILES: dict[str, Profile] = {
    profile.name: profile
    for profile in (
        Profile(
            "lte",
            "lte",
            paging=PagingConfig(PDCCH, 128, "T", 10),
            page_miss=0.01,
            connect_ms=(80, 120, 200),
            rtt_ms=50,
            downlink_kbps=10_000,
            uplink_kbps=5_000,
        ),
        _CAT_M1,
        replace(_EDRX, name="cat-m1-edrx-hlcom", hlcom=True),
        replace(_EDRX, name="cat-m1-edrx"),
        replace(
            _CAT_M1,
            name="psm",
            requested_psm=("00100001", "00001000"),  # T3412 1 h, T3324 16 s
            edrx_policy=GRANT,
            psm_policy=GRANT,
        ),
        Profile(
            "nb-iot",
            "nb-iot",
            paging=PagingConfig(NPDCCH, 256, "T"),
            requested_edrx="0101",
            edrx_policy=GRANT,
            psm_policy=GRANT,
            ptw="0001",
            hlcom=True,
            connect_ms=(800, 1600, 4000),
            rtt_ms=1600,
            tau_ms=1200,
            downlink_kbps=26,
            uplink_kbps=62,
        ),
    )
}
"""The profiles by name: lte, cat-m1, cat-m1-edrx-hlcom, cat-m1-edrx, psm, nb-iot."""
