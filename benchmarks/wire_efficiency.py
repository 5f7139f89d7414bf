"""Bytes on the UART for one datagram of 1300 bytes, each way, against the dialect's minimum.

Every family's real driver talks to its fake modem; the link's spy counts both directions, from the
datagram's arrival (or the call of ``send_to``) until the driver has nothing left to ask, with
everything that it asks besides: the read that finds the modem empty, polls, addresses. Counted in
steady state, with the second datagram, while a program waits in ``receive``.

The minimum is written down here from the vendors' documents, one URC, one command, one answer:
it shares no code with drivers or fakes. Where a module cannot carry 1300 bytes at once, its
minimum is that of the pieces it hands over (u-blox reads 1024 + 276), or its longest datagram.

Usage: ``python benchmarks/wire_efficiency.py``; ends with status 1 when a ratio is above 1.05.
"""

import asyncio
import sys
from dataclasses import dataclass

from ip_commands.device.errors import ReceiveTimeout
from ip_commands.host_sim import fake_modems
from ip_commands.host_sim.fake_modems.engine.bench_radio import BenchRadio
from ip_commands.host_sim.time.virtual_time import run
from ip_commands.host_sim.uart.link import SpyLog, UartLink
from ip_commands.modem_drivers import models

LIMIT = 1.05
PAYLOAD_BYTES = 1300
HOST, PORT, HERE = "100.64.0.1", 6969, 4242
FROM = {"ip": HOST, "port": PORT}


@dataclass(frozen=True)
class Dialect:
    """What must pass the wire besides the payload; ``{n}`` is the payload's length.

    read: what announces it, once; then once per ``read_bytes``: command, header, end.
    """

    source: str
    announced: str
    read: tuple[str, ...]
    send: tuple[str, ...]
    read_bytes: int = PAYLOAD_BYTES

    def receive_minimum(self, size: int) -> int:
        """Return bytes in both directions for receiving a datagram."""
        total = len(self.announced.format(n=size, **FROM)) + size
        for start in range(0, size, self.read_bytes):
            part = min(self.read_bytes, size - start)
            total += sum(len(text.format(n=part, **FROM)) for text in self.read)
        return total

    def send_minimum(self, size: int) -> int:
        """Return bytes in both directions for sending a datagram."""
        return size + sum(len(text.format(n=size, **FROM)) for text in self.send)


OK = "\r\nOK\r\n"
DIALECTS = {
    "quectel": Dialect(
        "BG96 TCP/IP AT Commands Manual V1.1, sections 2.3.6 to 2.3.8 and 2.4",
        '\r\n+QIURC: "recv",0\r\n',
        ("AT+QIRD=0\r", '\r\n+QIRD: {n},"{ip}",{port}\r\n', "\r\n" + OK),
        ('AT+QISEND=0,{n},"{ip}",{port}\r', "\r\n> ", "\r\nSEND OK\r\n"),
    ),
    "simcom_ca": Dialect(
        "SIM7070_SIM7080_SIM7090 Series TCPUDP(S) Application Note V1.03",
        "\r\n+CADATAIND: 0\r\n",
        ("AT+CARECV=0,{n}\r", "\r\n+CARECV: {ip},{port},{n},", "\r\n" + OK),
        # +CASEND has no address: it is a command of its own
        ('AT+CACFG="REMOTEADDR",0,{ip},{port}\r', OK, "AT+CASEND=0,{n}\r", "\r\n>", OK),
    ),
    "simcom_cip": Dialect(
        "SIM7000 Series TCPIP Application Note V1.02, UDP extended mode: pushed, nothing is asked",
        "\r\nRECV FROM:{ip}:{port}\r\n+IPD,{n}:",
        (),
        ("AT+CIPSEND={n}\r", "\r\n> ", "\r\nSEND OK\r\n"),
    ),
    "simcom_cipopen": Dialect(
        "SIM7500_SIM7600 Series AT Command Manual V3.00: pushed, nothing is asked",
        "\r\nRECV FROM:{ip}:{port}\r\n+IPD{n}\r\n",
        (),
        ('AT+CIPSEND=0,{n},"{ip}",{port}\r', "\r\n>", OK + "\r\n+CIPSEND: 0,{n},{n}\r\n"),
    ),
    "simcom_cipopen_asked": Dialect(
        "A76XX Series TCPIP Application Note V1.02, AT Command Manual V1.09: +CIPRXGET=5",
        "\r\n+CIPRXGET: 1,0\r\n",
        (
            "AT+CIPRXGET=2,0,{n}\r",
            "\r\n+CIPRXGETIP:{ip}:{port}\r\n+CIPRXGET: 2,0,{n},0\r\n",
            "\r\n" + OK,
        ),
        ('AT+CIPSEND=0,{n},"{ip}",{port}\r', "\r\n>", OK + "\r\n+CIPSEND: 0,{n},{n}\r\n"),
    ),
    "ublox": Dialect(
        "SARA-R4 AT commands manual UBX-17003787, +USORF, +USOST",
        "\r\n+UUSORF: 0,{n}\r\n",
        ("AT+USORF=0,{n}\r", '\r\n+USORF: 0,"{ip}",{port},{n},"', '"\r\n' + OK),
        ('AT+USOST=0,"{ip}",{port},{n}\r', "\r\n@", "\r\n+USOST: 0,{n}\r\n" + OK),
        read_bytes=1024,
    ),
    "sequans": Dialect(
        "GM02S AT Commands Reference, +SQNSRING, +SQNSRECV, +SQNSSENDEXT",
        "\r\n+SQNSRING: 1,{n}\r\n",
        ("AT+SQNSRECV=1,{n}\r", "\r\n+SQNSRECV: 1,{n}\r\n", "\r\n" + OK),
        ("AT+SQNSSENDEXT=1,{n}\r", "\r\n> ", OK),
    ),
    "nordic": Dialect(
        "nrfconnect/ncs-serial-modem, doc/app/at_socket.rst",
        "\r\n#XAPOLL: 0,1\r\n",
        ("AT#XRECVFROM=0,0,0,1\r", '\r\n#XRECVFROM: 0,0,{n},"{ip}",{port}\r\n', OK),
        ('AT#XSENDTO=0,2,0,"{ip}",{port},{n}\r', OK, "\r\n#XDATAMODE: 0\r\n"),
    ),
    "nordic_slm": Dialect(  # has no URC: somebody must ask
        "nrfconnect/sdk-nrf v2.5, applications/serial_lte_modem/doc/SOCKET_AT_commands.rst",
        'AT#XPOLL=0,0\r\n\r\n#XPOLL: 0,"0x0001"\r\n' + OK,
        ("AT#XRECVFROM=1\r\n", '\r\n#XRECVFROM: {n},"{ip}",{port}\r\n', OK),
        ('AT#XSENDTO="{ip}",{port}\r\n', OK, "+++", "\r\n#XDATAMODE: 0\r\n"),
    ),
    "telit": Dialect(
        "ME910C1/ML865C1 AT Commands Reference Guide, #SRECV, #SSENDUDPEXT",
        "\r\nSRING: 1,{n}\r\n",
        ("AT#SRECV=1,{n},1\r", "\r\n#SRECV: {ip},{port},1,{n},0\r\n", "\r\n" + OK),
        ('AT#SSENDUDPEXT=1,{n},"{ip}",{port}\r', "\r\n> ", OK),
    ),
}
"""By driver's module; of modems with two dialects each has its own name (see ``dialect_of``)."""


@dataclass(frozen=True)
class Cost:
    """What one datagram cost on the wire."""

    family: str
    model: str
    direction: str
    size: int
    on_wire: int
    minimum: int

    @property
    def ratio(self) -> float:
        return self.on_wire / self.minimum


def modems() -> list[tuple[str, str]]:
    """Return (family, model) for every model that has both a driver and a fake."""
    return [
        (family, name)
        for family, _, names in models._FAMILIES
        for name in names
        if name.lower() in fake_modems.MODELS
    ]


def dialect_of(family: str, model: str) -> Dialect:
    """Return a model's dialect. Raises KeyError for a family that nobody has written down here."""
    if family == "nordic" and model == "nRF9160":
        family = "nordic_slm"
    if family == "simcom_cipopen" and model.startswith("A76"):
        family = "simcom_cipopen_asked"
    return DIALECTS[family]


def wire_bytes(spy: SpyLog) -> int:
    """Return what passed in both directions."""
    assert not spy.forgotten
    return sum(len(data) for _, _, data in spy.entries)


async def settle(socket) -> None:
    """Wait in ``receive``, as a program does, until the driver has asked all it wants to ask."""
    try:
        await socket.receive(900)
        raise AssertionError("a datagram came that nobody sent")
    except ReceiveTimeout:
        pass


async def measure(family: str, model: str) -> list[Cost]:
    """Receive and send two datagrams each; return the second ones' cost."""
    radio = BenchRadio()
    link = UartLink(spy=SpyLog(1 << 20))
    fake = fake_modems.create(model, radio)
    fake.connect(link.modem)
    driver = models.create(model, link.host)
    await driver.start()
    await driver.attach("super", 60_000)
    socket = await driver.open_udp(HERE)
    dialect = dialect_of(family, model)
    costs = []
    payload = bytes(number % 251 for number in range(PAYLOAD_BYTES))
    for _ in range(2):
        await settle(socket)
        link.spy.entries.clear()
        radio.inject_datagram(payload, HOST, PORT, HERE)
        received = (await socket.receive(20_000))[0]
        await settle(socket)
        assert received == payload
    minimum = dialect.receive_minimum(len(payload))
    costs.append(Cost(family, model, "receive", len(payload), wire_bytes(link.spy), minimum))
    payload = payload[: socket.max_payload]
    for _ in range(2):
        await settle(socket)
        link.spy.entries.clear()
        await socket.send_to(payload, HOST, PORT)
        await settle(socket)
        assert radio.uplink[-1][0] == payload
    minimum = dialect.send_minimum(len(payload))
    costs.append(Cost(family, model, "send", len(payload), wire_bytes(link.spy), minimum))
    await driver.close()
    await asyncio.sleep(0)
    return costs


def main() -> int:
    print(
        f"{'family':<15}{'model':<14}{'':<9}{'payload':>8}{'on wire':>9}{'minimum':>9}{'ratio':>8}"
    )
    worst = 0.0
    for family, model in modems():
        for cost in run(measure(family, model)):
            worst = max(worst, cost.ratio)
            print(
                f"{family:<15}{model:<14}{cost.direction:<9}{cost.size:>8}"
                f"{cost.on_wire:>9}{cost.minimum:>9}{cost.ratio:>8.3f}"
                + ("  above the limit" if cost.ratio > LIMIT else "")
            )
    print(f"highest ratio {worst:.3f}, limit {LIMIT}")
    return int(worst > LIMIT)


if __name__ == "__main__":
    sys.exit(main())
