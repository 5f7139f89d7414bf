"""What a host at the UART sees of the network behind the modem: typed by hand, no driver."""

import asyncio

import pytest

from ip_commands.host_sim.time.virtual_time import run
from ip_commands.host_sim.world.super_sim import SuperSim


class Terminal:
    """Someone who types at a device's UART."""

    def __init__(self, device) -> None:
        self.device = device
        self._heard = bytearray()
        self._reader = asyncio.create_task(self._read())

    async def _read(self) -> None:
        while data := await self.device.stream.read(4096):
            self._heard += data

    async def hear(self, wait_s: float) -> str:
        """Return the lines of the next while, between bars."""
        await asyncio.sleep(wait_s)
        said, self._heard = bytes(self._heard), bytearray()
        return "|".join(line for line in said.decode().split("\r\n") if line)

    async def type(self, text: str, wait_s: float = 2) -> str:
        await self.device.stream.write(text.encode())
        return await self.hear(wait_s)

    async def ask(self, command: str, wait_s: float = 2) -> str:
        return await self.type(f"{command}\r", wait_s)


def at_a_terminal(modem, body, profile="cat-m1", **network):
    async def exchange():
        async with SuperSim() as supersim:
            device = await supersim.add_device(modem, profile, powered=True, **network)
            terminal = Terminal(device)
            await terminal.ask("ATE0", 5)
            await body(supersim, device, terminal)

    run(exchange())


@pytest.mark.parametrize(
    "modem", ["bg95", "sim7080g", "sim7600", "sara-r510s", "gm02sp", "nrf9151"]
)
def test_the_address_is_there_when_the_modem_says_registered(modem):
    async def body(supersim, device, terminal):
        await terminal.ask("AT+CFUN=4", 5)
        await terminal.ask("AT+CEREG=1")
        await device.stream.write(b"AT+CFUN=1\r")
        heard = ""
        while "+CEREG: 5" not in heard:
            heard += await terminal.hear(0.02)
        cid = device.fake.DEFAULT_CID
        said = await terminal.ask(f"AT+CGPADDR={cid}", 0.2)
        assert device.ue.ip_address is not None
        assert device.ue.ip_address in said

    at_a_terminal(modem, body)


def test_a_sim_that_the_cloud_switches_off_is_denied_with_its_cause():
    async def body(supersim, device, terminal):
        await terminal.ask("AT+CGEREP=1")
        await terminal.ask("AT+CEREG=5", 30)
        supersim.store.sims.update(device.sim, status="inactive")
        said = await terminal.hear(60)  # detached without a cause, it tries again
        assert said == "+UUSOCL: 0|+CEREG: 2|+CGEV: NW DETACH|+CEREG: 3,,,,0,8"
        said = await terminal.ask("AT+CEER")
        assert said == "+CEER: GPRS services and non-GPRS services not allowed|OK"

    async def with_a_socket(supersim, device, terminal):
        await terminal.hear(30)
        assert await terminal.ask("AT+USOCR=17,4242") == "+USOCR: 0|OK"
        await body(supersim, device, terminal)

    at_a_terminal("lara-r6", with_a_socket)


def test_a_network_that_fails_shows_its_cause_while_the_modem_searches_on():
    async def body(supersim, device, terminal):
        await terminal.ask("AT+CEREG=5")
        await terminal.ask("AT+CFUN=1", 8)
        assert (await terminal.ask("AT+CEREG?")).endswith(",7,0,17|OK")
        assert device.ue.registration == 2

    at_a_terminal("nrf9151", body, attach_reject=17)


def test_the_network_ends_the_data_connection():
    async def body(supersim, device, terminal):
        await terminal.hear(30)
        await terminal.ask('AT+QICSGP=1,1,"super","","",0')
        await terminal.ask("AT+QIACT=1")
        await terminal.ask('AT+QIOPEN=1,0,"UDP SERVICE","127.0.0.1",0,4242,0')
        await terminal.ask("AT+CGEREP=1", 30)
        await terminal.ask('AT+QISEND=0,2,"100.64.0.1",6969', 0.2)
        await terminal.type("hi")  # connected: it hears it at once
        supersim.network.home.end_session(device.ue, "the test wants it", 39)
        said = await terminal.hear(2)
        assert said == '+QIURC: "pdpdeact",1|+CGEV: NW PDN DEACT 1'

    at_a_terminal("bg95", body)


@pytest.mark.parametrize(("willing", "flag", "released_s"), [
    (True, 1, 0.3), (True, 0, 0.3), (False, 1, 10), (False, 0, 10),
])  # fmt: skip
def test_the_network_hears_what_the_host_says_with_a_datagram(willing, flag, released_s):
    async def body(supersim, device, terminal):
        await terminal.ask("AT+CFUN=1", 60)
        dial = 'AT+SQNSD=1,1,6969,"100.64.0.1",0,4242,1,1'
        assert await terminal.ask(dial) == "OK"
        released = []
        device.fake.rrc_changed = lambda connected: released.append(supersim.now_ms)
        await terminal.ask(f"AT+SQNSSENDEXT=1,2,{flag}", 0.2)
        assert await terminal.type("hi", 30) == "OK"
        last_ms = device.ue.rrc.bearer.last_activity_ms
        assert released[-1] - last_ms == released_s * 1000

    at_a_terminal("gm02sp", body, as_rai=willing)


def test_who_said_it_once_is_taken_at_its_word():
    async def body(supersim, device, terminal):
        await terminal.ask("AT+CFUN=1", 60)
        await terminal.ask('AT+SQNSD=1,1,6969,"100.64.0.1",0,4242,1,1')
        for flag, connected in ((1, False), (0, True), (1, False)):
            await terminal.ask(f"AT+SQNSSENDEXT=1,2,{flag}", 0.2)
            await terminal.type("hi", 5)
            assert device.ue.rrc_connected == connected
            await terminal.hear(30)

    at_a_terminal("gm02sp", body, as_rai=True)


@pytest.mark.parametrize("modem", ["nrf9151", "sara-r510s", "gm02sp", "me310g1"])
def test_a_host_reads_each_cause_while_the_modem_tries_several_networks(modem):
    async def body(supersim, device, terminal):
        await terminal.ask("AT+CFUN=4", 5)
        await terminal.ask("AT+CEREG=5")
        device.ue.emm.attempts.clear_forbidden()  # some are on from the beginning
        await device.stream.write(b"AT+CFUN=1\r")
        said = (await terminal.hear(1800)).split("|")
        told = [line for line in said if line.startswith("+CEREG: ")]
        causes = [line.split(",")[-2:] for line in told if line.count(",") > 3]
        assert causes == [["0", "11"], ["0", "13"]]
        assert told[-1] == "+CEREG: 3,,,,0,13"
        assert ",46|" in await terminal.ask("AT+CESQ")  # -95 dBm of limited service

    at_a_terminal(modem, body, networks=["not-allowed", "refuses-roaming"])


def test_release_assistance_said_right_after_a_send_from_idle_counts():
    async def body(supersim, device, terminal):
        for command, wait_s in (
            ("AT%RAI=1", 1),
            ("AT+CFUN=1", 30),
            ("AT#XSOCKET=1,2,0", 1),
            ("AT#XSOCKETOPT=0,1,61,4", 1),
        ):
            assert "OK" in await terminal.ask(command, wait_s)
        send = 'AT#XSENDTO=0,0,0,"100.64.0.1",6969,"hi"'
        await terminal.ask(send, 60)  # more will come: it talks of what follows
        assert device.ue.state == "idle-DRX"
        await terminal.ask(send, 0.05)
        assert "OK" in await terminal.ask("AT#XSOCKETOPT=0,1,61,1", 0.05)
        assert device.ue.state == "connecting"
        await terminal.hear(3)
        assert device.ue.state == "idle-DRX"

    at_a_terminal("nrf9151", body, as_rai=True)
