"""A UE is the radio that fake modems were written for."""

from typing import TYPE_CHECKING

import pytest

from tests.lte.network_bench import Bench

if TYPE_CHECKING:
    from ip_commands.host_sim.fake_modems.engine.radio import Radio, RadioListener
    from ip_commands.host_sim.lte import Ue
    from ip_commands.host_sim.lte.activity import Listener

    def a_ue_is_a_radio(ue: Ue) -> Radio:
        return ue

    def a_modem_can_listen(listener: RadioListener) -> Listener:
        return listener


def test_radio_as_a_modem_sees_it() -> None:
    bench = Bench("cat-m1-edrx-hlcom")
    ue = bench.ue
    assert (ue.registration, ue.rsrp_dbm, ue.network_time_ms) == (0, None, None)
    ue.switch_on()
    assert ue.registration == 2
    bench.run(seconds=10)
    assert ue.registration == 5
    assert (ue.access_technology, ue.is_cat_m1) == (7, True)
    assert ue.granted_edrx == ("0101", "0101", "0011")
    assert ue.ip_address is None
    assert not ue.send_udp(b"too early", 1, "100.64.0.1", 6969)

    ue.activate_pdp("super")
    bench.run(seconds=5)
    assert bench.listener.times("pdp", True)
    assert ue.ip_address is not None
    assert ue.ip_address.startswith("100.64.")
    assert ue.send_udp(b"up", 4242, "100.64.0.1", 6969)
    bench.run(seconds=60)
    assert [datagram.payload for _, datagram in bench.uplinks] == [b"up"]
    assert not ue.rrc_connected
    assert ue.network_time_ms == bench.now_ms

    ue.switch_off()
    assert (ue.registration, ue.ip_address) == (0, None)
    assert bench.listener.times("pdp", False)


def test_wrong_bits_are_refused() -> None:
    ue = Bench().ue
    with pytest.raises(ValueError, match="not four bits"):
        ue.request_edrx("01")
    with pytest.raises(ValueError, match="not eight bits"):
        ue.request_psm("0", "00000001")
    with pytest.raises(ValueError, match="not eight bits"):
        ue.request_psm(None, "2")
