"""A device program for a Pico with a SIM7080G: answers every command with its size.

Copy it to the board as ``main.py``, and what it imports to ``/lib/ip_commands``: docs/boards.md
says how. Another board is another import.
"""

import asyncio

from ip_commands import IpCommandClient
from ip_commands.boards import pico_sim7080g as board

client = IpCommandClient(board.modem(), port=4242)


@client.on_command
async def handle(command):
    print("command", command.payload, "from", command.source)
    await client.send("got %d bytes" % len(command.payload))


@client.on_error
def report(command, error):
    print("trouble:", error)


if __name__ == "__main__":
    asyncio.run(client.run())
