"""A tap between a fake modem and its radio passes on what no fault changes."""

from ip_commands.host_sim.faults.radio_tap import RadioTap
from tests.fake_modems.bench import Bench

OK = b"\r\nOK\r\n"


async def test_the_default_bearer_comes_with_the_attach():
    async with Bench("bg95") as bench:
        tap = RadioTap(bench.fake)
        await bench.ask("AT+CFUN=4")
        await bench.ask_all('AT+CGDCONT=1,"IP","super"', "AT+CEREG=1", "AT+CFUN=1")
        heard = b""
        while b"+CEREG: 5" not in heard:
            heard += await bench.hear(0.02)
        assert tap.ip_address is not None
        assert bench.radio.apn == "super"


async def test_release_assistance_goes_through():
    async with Bench("gm02sp") as bench:
        RadioTap(bench.fake)
        await bench.attach()
        assert await bench.ask('AT+SQNSD=1,1,6969,"100.64.0.1",0,4242,1,1') == OK
        await bench.ask("AT+SQNSSENDEXT=1,2,1")
        assert await bench.type(b"hi", 1) == OK
        assert list(bench.radio.assistance) == [1]
    async with Bench("nrf9151") as bench:
        RadioTap(bench.fake)
        await bench.attach()
        await bench.ask_all("AT%RAI=1", "AT#XSOCKET=1,2,0", "AT#XSOCKETOPT=0,1,61,1")
        assert list(bench.radio.assistance) == [1]


async def test_refusals_of_the_network_and_of_a_fault_are_told():
    async with Bench("eg25-g") as bench:
        tap = RadioTap(bench.fake)
        await bench.attach()
        bench.radio.lose_pdp(33)
        assert b"option not subscribed\r\n" in await bench.ask("AT+CEER")
        tap.reject(15)
        await bench.hear(5)
        assert b"No suitable cells in location area\r\n" in await bench.ask("AT+CEER")
        tap.accept()
        await bench.hear(5)
        await bench.ask("AT+CFUN=4")
        assert b"No cause information available\r\n" in await bench.ask("AT+CEER")
