"""A cloud in a process of its own that may be killed at any moment and started again at once.

Run as a program it imports everything, listens, prints its port, and then forks one server for
each line ``start`` it reads, printing the server's process id. The listening socket survives the
servers, so a client never meets a closed port. Arguments: database file, webhook URL.
"""

import asyncio
import os
import socket
import sys
import time

from aiohttp import web

from ip_commands.host_sim.cloud.dates import EPOCH_UNIX_S
from ip_commands.host_sim.cloud.http_api import make_app
from ip_commands.host_sim.cloud.sqlite_store import SqlitePersistence
from ip_commands.host_sim.cloud.store import CloudStore, StoreSettings
from ip_commands.host_sim.cloud.webhooks import WebhookSender
from ip_commands.host_sim.time.loop_queue import LoopQueue
from tests.cloud.cloud_under_test import DEVICE_IP, ICCID

ACCOUNT_SID = "AC" + "a1" * 16
AUTH_TOKEN = "killable"


async def serve(listening: socket.socket, database: str, webhook_url: str) -> None:
    start_ms = int((time.time() - EPOCH_UNIX_S) * 1000)
    queue = LoopQueue(start_ms, asyncio.get_running_loop())
    store = CloudStore(
        queue,
        lambda *_: DEVICE_IP,
        lambda request: sender.submit(request),
        settings=StoreSettings(queue_delay_ms=(0, 20)),
        persistence=SqlitePersistence(database),
    )
    sender = WebhookSender(store)
    if store.accounts.get(ACCOUNT_SID) is None:
        account = store.create_account(sid=ACCOUNT_SID, auth_token=AUTH_TOKEN)
    account = store.accounts.get(ACCOUNT_SID)
    assert account is not None
    if store.sims.by_iccid(ICCID) is None:
        fleet = store.create_fleet(account, ip_commands_url=webhook_url)
        store.add_sim(account, ICCID, unique_name="alice", fleet=fleet)

    async def uplink(request: web.Request) -> web.Response:
        record = store.receive_from_sim(ICCID, await request.read(), DEVICE_IP, 4242)
        assert record is not None
        return web.json_response({"sid": record.sid}, status=201)

    runner = web.AppRunner(make_app(store, routes=[web.post("/uplink", uplink)]), access_log=None)
    await runner.setup()
    await web.SockSite(runner, listening).start()
    store.resume()
    await asyncio.Event().wait()


def main() -> None:
    listening = socket.create_server(("127.0.0.1", 0), backlog=512)
    print(listening.getsockname()[1], flush=True)
    for _ in sys.stdin:
        child = os.fork()
        if child == 0:
            asyncio.run(serve(listening, sys.argv[1], sys.argv[2]))
        print(child, flush=True)
        os.waitpid(child, 0)


if __name__ == "__main__":
    main()
