"""What can be read of one UE, by its modem and by tests. Reading changes nothing."""

from ip_commands.host_sim.lte.activity import Activity
from ip_commands.host_sim.lte.camping import Camping
from ip_commands.host_sim.lte.edrx import WindowPlan
from ip_commands.host_sim.lte.emm import DENIED, MobilityManagement
from ip_commands.host_sim.lte.esm import SessionManagement
from ip_commands.host_sim.lte.explain_state import explain_state
from ip_commands.host_sim.lte.ledger import Ledger
from ip_commands.host_sim.lte.listening import Listening
from ip_commands.host_sim.lte.mme import UeContext
from ip_commands.host_sim.lte.paging import Occasion
from ip_commands.host_sim.lte.power_saving import PowerSaving
from ip_commands.host_sim.lte.profiles import Profile
from ip_commands.host_sim.lte.radio_conditions import RadioConditions
from ip_commands.host_sim.lte.refusals import Refusal
from ip_commands.host_sim.lte.rrc import RadioConnection
from ip_commands.host_sim.lte.states import LIMITED
from ip_commands.host_sim.time.event_queue import EventQueue

_ACCESS_TECHNOLOGY = {"lte": 7, "cat-m1": 7, "nb-iot": 9}


class UeReadings:
    """The readable side of a ``Ue``, which puts the parts together."""

    __slots__ = (
        "activity",
        "camping",
        "context",
        "emm",
        "esm",
        "iccid",
        "imei",
        "imsi",
        "ledger",
        "listening",
        "name",
        "power_saving",
        "queue",
        "radio",
        "rrc",
    )

    queue: EventQueue
    name: str
    imsi: str
    iccid: str
    imei: str
    camping: Camping
    radio: RadioConditions
    ledger: Ledger
    listening: Listening
    activity: Activity
    rrc: RadioConnection
    context: UeContext
    power_saving: PowerSaving
    esm: SessionManagement
    emm: MobilityManagement

    # -- registration and cell --------------------------------------------------------------------
    @property
    def registration(self) -> int:
        """<stat> of +CEREG (TS 27.007 10.1.22)."""
        return self.emm.registration

    @property
    def reject_cause(self) -> int | None:
        """EMM cause (TS 24.301 9.9.3.9) while ``registration`` is 3, else None."""
        return self.emm.reject_cause if self.emm.registration == DENIED else None

    @property
    def last_refusal(self) -> Refusal | None:
        """What the network last said no to, EMM or ESM, or ended: for +CEER; None: nothing yet.

        It stays when all is well again, and goes with the radio.
        """
        return self.activity.last_refusal

    @property
    def access_technology(self) -> int:
        """<AcT>: 7 E-UTRAN, 9 NB-IoT."""
        return _ACCESS_TECHNOLOGY[self.camping.profile.access]

    @property
    def is_cat_m1(self) -> bool:
        return self.camping.profile.access == "cat-m1"

    @property
    def profile(self) -> Profile:
        """The present network and cell."""
        return self.camping.profile

    @property
    def tac(self) -> str:
        return self.camping.profile.tac

    @property
    def cell_id(self) -> str:
        return self.camping.profile.cell_id

    @property
    def plmn(self) -> str:
        return self.camping.profile.plmn

    @property
    def edrx_allowed(self) -> bool:
        """Whether the serving cell sends hyperSFN and eDRX-Allowed."""
        return self.camping.edrx_allowed

    @property
    def powered(self) -> bool:
        return self.camping.powered

    @property
    def in_coverage(self) -> bool:
        return self.camping.in_coverage

    @property
    def rsrp_dbm(self) -> int | None:
        """Signal strength, in limited service that of the strongest; None when off or without."""
        if self.camping.camps:
            return self.radio.rsrp_dbm
        cell = self._cell_of_limited_service()
        return None if cell is None else cell.rsrp_dbm

    @property
    def rsrq_db(self) -> float | None:
        cell = self.camping.profile if self.camping.camps else self._cell_of_limited_service()
        return None if cell is None else cell.rsrq_db

    def _cell_of_limited_service(self) -> Profile | None:
        """Return what it camps on where no network takes it: an acceptable cell (TS 36.304 4.3).

        With one network that is its own, as ever.
        """
        selection = self.emm.selection
        if self.activity.state is not LIMITED or selection is None:
            return None
        cells = [offer.cell for offer in selection.offers()]
        return max(cells, key=lambda cell: cell.rsrp_dbm, default=None)

    @property
    def network_time_ms(self) -> int | None:
        """NITZ: milliseconds since 1980-01-06 UTC; None before registration."""
        return self.queue.now_ms if self.emm.registered else None

    # -- connections ------------------------------------------------------------------------------
    @property
    def state(self) -> str:
        """One of ``states.STATES``."""
        return self.activity.state

    @property
    def ip_address(self) -> str | None:
        """The device's address, None without a data connection as the device knows it."""
        return self.esm.ip_address

    @property
    def rrc_connected(self) -> bool:
        return self.rrc.connected

    @property
    def is_in_contact(self) -> bool:
        """True from the first preamble of a connection to its release."""
        return self.rrc.is_in_contact

    # -- power saving and paging ------------------------------------------------------------------
    @property
    def granted_edrx(self) -> tuple[str, str, str] | None:
        """(requested cycle, granted cycle, PTW) bits; None when eDRX is not in use."""
        return self.power_saving.edrx_bits if self.emm.registered else None

    @property
    def granted_psm(self) -> tuple[str, str] | None:
        """(T3412 extended, T3324) bits; None when PSM is not in use."""
        return self.power_saving.psm_bits if self.emm.registered else None

    @property
    def mode(self) -> str:
        """``wb`` or ``nb``: which table of eDRX values applies."""
        return self.camping.mode

    @property
    def m_tmsi(self) -> int:
        """The identity that paging time windows follow from."""
        return self.listening.m_tmsi

    @property
    def windows(self) -> WindowPlan | None:
        """When the UE listens in eDRX; None: at every DRX occasion."""
        return self.listening.windows

    @property
    def where(self) -> Occasion:
        """When the UE listens in DRX, or inside a window."""
        return self.listening.where

    def explain_state(self) -> str:
        """Say in a sentence what the UE is doing and when it can next be reached."""
        text = explain_state(
            self.name,
            self.state,
            self.context,
            self.listening,
            self.queue.now_ms,
            self.last_refusal,
            self.emm.search_at_ms,
        )
        return text + self.radio.explain()
