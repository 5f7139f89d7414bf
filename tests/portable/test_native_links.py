"""Boards whose sockets are their own: what brings the link up, in which order, what ends it."""

import sys

from ip_commands.boards import ppp_modem, pycom_lte, xbee_cellular
from ip_commands.device.errors import NotAttached
from tests.portable import fake_machine
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


class FakeModule:
    pass


def network_module(**classes):
    module = FakeModule()
    for name in classes:
        setattr(module, name, classes[name])
    sys.modules["network"] = module


async def test_pycom_attaches_then_connects():
    said = []

    class LTE(FakeLink):
        def __init__(self):
            FakeLink.__init__(self, said, 3)

        def attach(self, apn):
            said.append("attach %s" % apn)

        def isattached(self):
            return self.ask("attached")

        def connect(self, cid):
            assert self.up["attached"] < 0
            said.append("connect %d" % cid)

        def isconnected(self):
            return self.ask("connected")

        def deinit(self):
            said.append("deinit")

    network_module(LTE=LTE)
    network = pycom_lte.modem(cid=3)
    assert said == []
    await network.attach("super", 60000)
    assert said == ["attach super", "connect 3"]
    await network.attach("super", 60000)  # again: it is up
    assert said == ["attach super", "connect 3"]
    await network.power_off()
    assert said[-1] == "deinit"


async def test_a_link_that_never_comes_up_is_not_attached():
    class LTE(FakeLink):
        def __init__(self):
            FakeLink.__init__(self, [], 1000000)

        def attach(self, apn):
            pass

        def isattached(self):
            return False

    network_module(LTE=LTE)
    with raises(NotAttached):
        await pycom_lte.modem().attach("super", 5000)


async def test_xbee_gets_its_apn_once_and_sends_no_more_than_it_can():
    commands = []
    settings = {"AN": "-"}

    def atcmd(name, value=None):
        if value is None:
            return settings[name]
        commands.append((name, value))
        settings[name] = value
        return None

    class Cellular(FakeLink):
        states = []

        def __init__(self):
            FakeLink.__init__(self, [], 2)

        def active(self, on):
            Cellular.states.append(on)

        def isconnected(self):
            return self.ask("connected")

    module = FakeModule()
    module.atcmd = atcmd
    sys.modules["xbee"] = module
    network_module(Cellular=Cellular)
    network = xbee_cellular.modem()
    await network.attach("super", 60000)
    await network.attach("super", 60000)
    assert commands == [("AN", "super")]
    socket = await network.open_udp(0x1F45)
    assert socket.max_payload == 512
    await socket.close()
    await network.power_off()
    assert Cellular.states == [True, True, False]


def answering_uart(machine, answers, said):
    from machine import UART

    uart = UART(0, 115200, rxbuf=4096)

    def sent(data):
        for line in bytes(data).split(b"\r"):
            if line:
                said.append(line)
                uart.feed(answers.get(line, b"\r\nOK\r\n"))

    uart.on_sent = sent
    return uart


async def dial(connect):
    machine = fake_machine.install()
    said = []
    calls = []
    states = [b"\r\n+CEREG: 0,5\r\n\r\nOK\r\n", b"\r\n+CEREG: 0,2\r\n\r\nOK\r\n"]

    class Answers(dict):
        def get(self, line, default):
            if line == b"AT+CEREG?":
                return states.pop() if len(states) > 1 else states[0]
            return connect if line == b"ATD*99***1#" else default

    class PPP(FakeLink):
        def __init__(self, uart):
            FakeLink.__init__(self, calls, 2)
            calls.append("ppp")

        def connect(self):
            calls.append("connect")

        def isconnected(self):
            return self.ask("connected")

        def disconnect(self):
            calls.append("disconnect")

    network_module(PPP=PPP)
    network = ppp_modem.modem(lambda: answering_uart(machine, Answers(), said))
    await network.attach("super", 60000)
    assert calls == ["ppp", "connect"]
    await network.power_off()
    assert calls[-1] == "disconnect"
    return said


async def test_ppp_is_dialled_after_registration():
    said = await dial(b"\r\nCONNECT\r\n")
    assert said[-1] == b"ATD*99***1#"
    assert said.count(b"AT+CEREG?") == 2
    assert b'AT+CGDCONT=1,"IP","super"' in said


async def test_a_speed_behind_connect_is_no_refusal():
    await dial(b"\r\nCONNECT 150000000\r\n")


async def test_no_carrier_is_not_attached_and_says_so():
    with raises(NotAttached):
        await dial(b"\r\nNO CARRIER\r\n")
