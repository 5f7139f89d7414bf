"""Boards whose sockets are their own: what brings the link up, in which order, what ends it."""

import asyncio
import sys

from ip_commands.boards import pycom_lte, xbee_cellular
from ip_commands.device import IpCommandClient
from ip_commands.device.errors import NotAttached, SocketClosed
from ip_commands.device.portable import sleep_ms
from tests.portable.raises import raises


class FakeLink:
    """Comes up after a few questions; keeps what was asked of it."""

    def __init__(self, said, questions):
        self.said = said
        self.questions = questions
        self.up = {}

    def ask(self, what):
        left = self.up.get(what, self.questions)
        self.up[what] = left - 1
        return left <= 0

    def drop(self, what):
        """The network took it; it comes back after a few questions, once it is asked for."""
        self.up[what] = 1000000


class FakeModule:
    pass


def network_module(**classes):
    module = FakeModule()
    for name in classes:
        setattr(module, name, classes[name])
    sys.modules["network"] = module


class Lte(FakeLink):
    """Pycom's ``network.LTE``."""

    made = []

    def __init__(self):
        FakeLink.__init__(self, [], 3)
        Lte.made.append(self)
        self.said.append("on")

    def attach(self, apn):
        self.said.append("attach %s" % apn)
        self.up.pop("attached", None)

    def isattached(self):
        return self.ask("attached")

    def connect(self, cid):
        assert self.up["attached"] < 0
        self.said.append("connect %d" % cid)
        self.up.pop("connected", None)

    def isconnected(self):
        return self.ask("connected")

    def deinit(self):
        self.said.append("deinit")


class Cellular(FakeLink):
    """Digi's ``network.Cellular``; the module has one, whoever asks."""

    one = None

    def active(self, on):
        self.said.append(on)
        if on and self.up.get("connected", 0) > 1000:
            self.up.pop("connected")

    def isconnected(self):
        return self.ask("connected")


def pycom():
    Lte.made = []
    network_module(LTE=Lte)
    return pycom_lte.modem(cid=3)


def xbee(commands, settings):
    def atcmd(name, value=None):
        if value is None:
            return settings[name]
        commands.append((name, value))
        settings[name] = value
        return None

    module = FakeModule()
    module.atcmd = atcmd
    sys.modules["xbee"] = module
    Cellular.one = Cellular([], 2)
    network_module(Cellular=lambda: Cellular.one)
    return xbee_cellular.modem()


async def test_pycom_attaches_then_connects():
    network = pycom()
    assert Lte.made == []
    await network.attach("super", 60000)
    said = Lte.made[0].said
    assert said == ["on", "attach super", "connect 3"]
    await network.attach("super", 60000)  # again: it is up
    assert said == ["on", "attach super", "connect 3"]
    await network.power_off()
    assert said[-1] == "deinit"


async def test_a_link_that_never_comes_up_is_not_attached():
    network = pycom()
    Lte.isattached = lambda self: False
    try:
        with raises(NotAttached):
            await network.attach("super", 5000)
    finally:
        Lte.isattached = lambda self: self.ask("attached")


async def test_pycoms_lost_link_is_told_and_connected_again():
    network = pycom()
    with raises(SocketClosed, "LTE is not connected"):
        await network.check_link()
    await network.attach("super", 60000)
    await network.check_link()
    lte = Lte.made[0]
    lte.drop("connected")
    with raises(SocketClosed, "LTE is not connected"):
        await network.check_link()
    await network.attach("super", 60000)
    assert lte.said == ["on", "attach super", "connect 3", "connect 3"]
    lte.drop("attached")
    lte.drop("connected")
    await network.attach("super", 60000)
    assert lte.said[4:] == ["attach super", "connect 3"]
    # a modem that hangs is switched off and on by the client's next step
    await network.restart_radio()
    await network.attach("super", 60000)
    assert len(Lte.made) == 2
    await network.check_link()


async def test_xbee_gets_its_apn_once_and_sends_no_more_than_it_can():
    commands = []
    network = xbee(commands, {"AN": "-"})
    await network.attach("super", 60000)
    await network.attach("super", 60000)
    assert commands == [("AN", "super")]
    socket = await network.open_udp(0x1F45)
    assert socket.max_payload == 512
    await socket.close()
    await network.power_off()
    assert Cellular.one.said == [True, True, False]


async def serve_through_a_loss(network, lose, reason, port):
    """A client notices that its link is gone, says so, and serves again."""
    failures = []
    client = IpCommandClient(network, port, log=lambda line: None)
    client.on_command(lambda command: None)
    client.on_error(lambda command, error: failures.append(str(error)))
    task = asyncio.create_task(client.run())
    await client.wait_ready(60000)
    lose()
    await sleep_ms(400000)
    assert client.state == "SERVING"
    assert client.reopened == 1
    assert [text for text in failures if reason in text], failures
    await client.close()
    await task


async def test_a_client_on_a_pycom_board_survives_a_lost_link():
    network = pycom()

    def lose():
        Lte.made[0].drop("attached")
        Lte.made[0].drop("connected")

    await serve_through_a_loss(network, lose, "LTE is not connected", 0x1F47)


async def test_a_client_on_an_xbee_survives_a_lost_link():
    network = xbee([], {"AN": "super"})
    await serve_through_a_loss(
        network, lambda: Cellular.one.drop("connected"), "the module is not connected", 0x1F48
    )
