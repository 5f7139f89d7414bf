"""A device program for a Pico with a SIM7080G: answers every command with its size.

Copy `device/`, `modem_drivers/` and `boards/` to the board beside it; another board is another
import.
"""

import asyncio

from ip_commands.boards import pico_sim7080g as board
from ip_commands.device import IpCommandClient

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
