"""Without a log and without on_error nothing fails in silence."""

import asyncio

from ip_commands.device import IpCommandClient, NotAttached
from ip_commands.host_sim.time.virtual_time import VirtualTimeLoop
from tests.portable.scripted_modem import ScriptedModem


async def _one_command(**options):
    modem = ScriptedModem([("attach", NotAttached("+CEREG: 3, EMM cause 15"))])
    client = IpCommandClient(modem, 4242, **options)

    @client.on_command
    def handle(command):
        raise ValueError("cannot do that")

    task = asyncio.create_task(client.run())
    await client.wait_ready(60000)
    modem.socket.arrive(b"\xff\x00")
    await asyncio.sleep(1)
    await client.close()
    await task


def test_printed(capsys):
    with asyncio.Runner(loop_factory=VirtualTimeLoop) as runner:
        runner.run(_one_command())
    shown = capsys.readouterr()
    assert shown.out.splitlines() == [
        "connection failed: NotAttached: +CEREG: 3, EMM cause 15; next: attach in 1 s",
        "handler failed on <IpCommand 2 bytes from 100.64.0.1:6969>: ValueError: cannot do that",
    ]
    assert 'raise ValueError("cannot do that")' in shown.err  # the traceback


def test_logged(capsys):
    lines: list[str] = []
    with asyncio.Runner(loop_factory=VirtualTimeLoop) as runner:
        runner.run(_one_command(log=lines.append))
    assert capsys.readouterr() == ("", "")
    assert [line for line in lines if "failed" in line] == [
        "connection failed: NotAttached: +CEREG: 3, EMM cause 15; next: attach in 1 s",
        "handler failed on <IpCommand 2 bytes from 100.64.0.1:6969>: ValueError: cannot do that",
    ]
    changes = [line.split(": ", 1)[1].split(" NotAttached")[0].strip() for line in lines]
    assert [change for change in changes if "->" in change] == [
        "IDLE -> STARTING",
        "STARTING -> ATTACHING",
        "ATTACHING -> WAITING",
        "WAITING -> ATTACHING",
        "ATTACHING -> OPENING",
        "OPENING -> SERVING",
        "SERVING -> CLOSED",
    ]
