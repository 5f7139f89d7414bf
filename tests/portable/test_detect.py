"""``detect`` asks a modem on a stream and hands the stream on, byte for byte, on both Pythons."""

# heap: 112wK, because asker, driver and both ends of the stream, with all they say, live in it

import asyncio

from ip_commands.device.errors import ModemTimeout, NotSupported
from ip_commands.device.portable import sleep_ms
from ip_commands.modem_drivers.detect import detect, model_named
from tests.portable.at_script import AtScript, parse_script
from tests.portable.memory_stream import stream_pair
from tests.portable.raises import raises

BG96 = r"""
    >| +++\x1bAT\r\n
    <| AT\r
    < OK
    >| AT+CGMM\r\n
    <| AT+CGMM\r
    < +CPIN: READY
    < BG96
    < OK
"""

SARA = r"""
    >| +++\x1bAT\r\n
    < OK
    >| AT+CGMM\r\n
    < ERROR
    >| ATI\r\n
    <| ATI\r
    <| \r\nManufacturer: u-blox\r\nModel: SARA-R410M-02B\r\nRevision: L0.0.00.00.05.06\r\n
    < OK
"""

STRANGER = r"""
    >| +++\x1bAT\r\n
    < OK
    {ask}
    {ask}
    {ask}
"""

ASK = r"""
    >| AT+CGMM\r\n
    < AC-1
    < OK
    >| ATI\r\n
    < ERROR
    >| AT+GMM\r\n
    < +CME ERROR: 3
    >| AT+CGMI\r\n
    < "Acme" Ltd
    < OK
"""


async def detected(script, cut_bytes=0):
    host, far = stream_pair(cut_bytes=cut_bytes)
    modem = AtScript(far, parse_script(script))
    try:
        driver = await detect(host)
    finally:
        assert not modem.problem, modem.problem
    return driver, modem, host, far


async def test_the_driver_is_the_models():
    driver, modem, _, _ = await detected(BG96)
    assert driver.model == "BG96"
    await driver.close()
    await modem.check()


async def test_bytes_may_come_one_by_one():
    driver, modem, _, _ = await detected(BG96, cut_bytes=1)
    assert driver.model == "BG96"
    await driver.close()
    await modem.check()


async def test_another_question_is_asked_when_the_first_is_refused():
    driver, modem, _, _ = await detected(SARA)
    assert driver.model == "SARA-R410M"
    await driver.close()
    await modem.check()


async def test_a_stranger_is_named():
    host, far = stream_pair()
    modem = AtScript(far, parse_script(STRANGER.replace("{ask}", ASK)))
    with raises(NotSupported, "'AC-1'", "Acme", "BG95", "nearest"):
        await detect(host)
    await modem.check()


async def test_silence_is_a_time_out_and_ends_the_stream():
    host, far = stream_pair()
    with raises(ModemTimeout, "15000 ms"):
        await detect(host)
    assert host.closed
    assert b"+++" in far.peer.sent


async def test_a_modem_in_the_multiplexer_is_closed_down_first():
    """github.com/espressif/arduino-esp32/issues/10237; the frame: TS 27.010 section 5.4.6.3.3."""
    probes = r">| AT\r\n" + "\n"
    script = r">| +++\x1b" + "\n" + probes * 5 + r">| +++ATQ0V1\r\n" + "\n" + probes * 5
    script += r">| \x1b\xf9\xf9\x03\xef\x05\xc3\x01\xf2\xf9\r" + "\n"
    script += r"<| \xf9\x03\xef\x05\xc1\x01\xf2\xf9" + "\n" + BG96.replace(r"+++\x1b", "")
    driver, modem, _, _ = await detected(script)
    assert driver.model == "BG96"
    await driver.close()
    await modem.check()


async def test_no_byte_is_lost_between_asker_and_driver():
    # half a line comes in one piece with the last answer, its other half after the asking
    half_a_line = BG96[: BG96.rindex("< OK")] + r"""<| \r\nOK\r\n\r\n+QIURC: "re"""
    for cut_bytes in (0, 1, 3, 7):
        driver, modem, _, far = await detected(half_a_line, cut_bytes)
        stream = driver.at.stream
        if cut_bytes != 3:
            await sleep_ms(50)
        far.put(b'cv",0\r\nRDY\r\n' + b"x" * 300)
        wanted = b'+QIURC: "recv",0\r\nRDY\r\n' + b"x" * 300
        got = b""
        while len(got) < len(wanted):
            piece = await stream.read(5)
            assert 0 < len(piece) <= 5
            got = (got + piece).lstrip(b"\r\n")  # the line end of an answer may be read twice
        assert got == wanted, got
        await driver.close()
        assert await stream.read(1) == b""
        modem._task.cancel()


async def test_the_end_of_the_stream_is_told_to_the_driver():
    driver, modem, _, far = await detected(BG96)
    driver.at.start()
    await sleep_ms(10)
    await far.close()
    await sleep_ms(10)
    with raises(Exception, "ended"):
        await driver.at.command("")
    await modem._task


async def test_a_wrong_option_ends_the_stream():
    host, far = stream_pair()
    modem = AtScript(far, parse_script(BG96))
    with raises(TypeError):
        await detect(host, colour="red")
    assert host.closed
    await modem._task


async def test_a_cancelled_question_ends_the_stream():
    host, _ = stream_pair()
    task = asyncio.create_task(detect(host))
    await sleep_ms(700)
    task.cancel()
    with raises(asyncio.CancelledError):
        await task
    assert host.closed


def test_names():
    assert model_named(b"SIMCOM_SIM7080") == "SIM7080G"
    assert model_named(b"BG770A-GL") == "BG770A"
    assert model_named(b"EG915U") is None
    assert model_named(b"SARA-R500S-00B") == "SARA-R500S"
    assert model_named(b"\xff\x00") is None
