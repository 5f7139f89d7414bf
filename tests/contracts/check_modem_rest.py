"""Power saving, information, and the end. Part of ``check_modem``."""

from ip_commands.device.errors import InvalidValue, IpCommandsError, ModemRestarted, NotSupported
from ip_commands.device.portable import ticks_diff, ticks_ms
from tests.contracts.modem_checks import check, opened
from tests.portable.raises import raises


# --- power saving --------------------------------------------------------------------------------
@check
async def edrx_is_granted_refused_and_switched_off(bench):
    modem, _ = await opened(bench)
    if not bench.power_saving:
        with raises(NotSupported, modem.model):
            await modem.set_edrx(81.92)
        return
    assert await modem.set_edrx(81.92) == 81.92
    assert await modem.set_edrx(40.96) == 40.96
    bench.radio.edrx = ("0011", "0001")
    assert await modem.set_edrx(81.92) == 40.96
    bench.radio.edrx = None
    assert await modem.set_edrx(20.48) is None
    assert await modem.set_edrx(None) is None
    with raises(InvalidValue):
        await modem.set_edrx(1000000.0)


@check
async def psm_is_granted_refused_and_switched_off(bench):
    modem, _ = await opened(bench)
    if not bench.power_saving:
        with raises(NotSupported, modem.model):
            await modem.set_psm(20, 3600)
        return
    assert await modem.set_psm(20, 3600) == (20, 3600)
    assert await modem.set_psm(30, 7200) == (30, 7200)
    bench.radio.psm = ("00000110", "00000101")  # T3412 1 h, T3324 10 s
    assert await modem.set_psm(20, 7200) == (10, 3600)
    bench.radio.psm = None
    assert await modem.set_psm(40, 7200) is None
    assert await modem.set_psm(None, None) is None


# --- information ---------------------------------------------------------------------------------
@check
async def tells_who_it_is(bench):
    modem, _ = await opened(bench)
    identity = await modem.read_identity()
    assert identity.imei == bench.radio.imei
    assert identity.iccid == bench.radio.iccid
    assert bench.fake.facts.name in identity.model
    assert identity.firmware


@check
async def tells_the_signal_in_dbm(bench):
    modem, _ = await opened(bench)
    signal = await modem.read_signal()
    assert abs(signal.rsrp_dbm - bench.radio.rsrp_dbm) <= 1
    assert abs(signal.rsrq_db - bench.radio.rsrq_db) <= 1
    if bench.tells_rssi:
        assert -113 <= signal.rssi_dbm <= -51
    else:
        assert signal.rssi_dbm is None
    bench.lose_coverage()
    assert await modem.read_signal() == (None, None, None)


@check
async def tells_the_networks_time(bench):
    modem, _ = await opened(bench)
    gps_to_unix_s = 315964800
    expected = bench.radio.network_time_ms / 1000 + gps_to_unix_s
    assert abs(await modem.read_time() - expected) <= 2


# --- the end -------------------------------------------------------------------------------------
@check
async def power_off_detaches_and_ends_sockets(bench):
    modem, socket = await opened(bench)
    await modem.power_off()
    assert bench.power == "off"
    assert bench.radio.registration == 0
    with raises(IpCommandsError):
        await socket.receive(100)
    with raises(ModemRestarted, "start"):
        await modem.attach("super", 60000)
    started = ticks_ms()
    await socket.close()
    assert ticks_diff(ticks_ms(), started) < 100
    await modem.start()
    assert bench.power == "on"
    await modem.attach("super", 60000)


@check
async def close_leaves_the_modem_as_it_is(bench):
    modem, _ = await opened(bench)
    await modem.close()
    await modem.close()
    assert bench.power == "on"
    assert bench.radio.ip_address
