"""An aiohttp application on a port, started and stopped from code."""

from aiohttp import web


class HttpServer:
    """Serve ``app`` on ``host``:``port`` (0: any free port) until ``stop()``."""

    def __init__(self, app: web.Application, host: str = "127.0.0.1", port: int = 0) -> None:
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=1.0)
        self._host, self._port = host, port

    async def start(self) -> None:
        """Listen. Raises OSError when the port is taken."""
        await self._runner.setup()
        await web.TCPSite(self._runner, self._host, self._port).start()
        self._port = self._runner.addresses[0][1]

    async def stop(self) -> None:
        """Close the port and open connections."""
        await self._runner.cleanup()

    @property
    def url(self) -> str:
        """The base URL, with the port that is really used."""
        return f"http://{self._host}:{self._port}"
