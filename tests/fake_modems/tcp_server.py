"""A TCP server on the bench, for the families' tests: it echoes in capitals."""

from ip_commands.host_sim.fake_modems.engine.bench_ip import BenchConnection
from ip_commands.host_sim.fake_modems.engine.bench_radio import BenchRadio


class Server:
    """At example.com:1883, which is 198.18.0.1."""

    def __init__(self, radio: BenchRadio) -> None:
        self.got = bytearray()
        self.closed: list[str] = []
        self.connections: list[BenchConnection] = []
        radio.ip.serve(
            "example.com",
            1883,
            self._data,
            on_connected=self.connections.append,
            on_closed=lambda connection, why: self.closed.append(why),
        )

    def _data(self, connection: BenchConnection, data: bytes) -> None:
        self.got += data
        connection.send(data.upper())

    def send(self, data: bytes) -> None:
        """Send on the newest connection."""
        self.connections[-1].send(data)

    def close(self) -> None:
        """Close the newest connection."""
        self.connections[-1].close()
