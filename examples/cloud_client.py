"""Your cloud code, unchanged, against `host-sim serve`: create a command and wait for its status.

host-sim serve --device name=alice,modem=bg95,profile=cat-m1
export TWILIO_ACCOUNT_SID=AC... TWILIO_AUTH_TOKEN=...    (as host-sim serve has printed them)
python examples/cloud_client.py alice

The device has to listen, too: docs/simulator.md, "host-sim serve".
"""

import sys
import time

from twilio.rest import Client


def main(sim: str, url: str = "http://127.0.0.1:8420") -> str:
    client = Client()  # credentials from the environment, as against the real service
    client.supersim.base_url = url
    command = client.supersim.v1.ip_commands.create(sim=sim, payload="hello", device_port=4242)
    print("created", command.sid, command.status)
    while command.status == "queued":
        time.sleep(0.2)
        command = client.supersim.v1.ip_commands(command.sid).fetch()
    print(command.status, "to", command.device_ip)
    return command.status


if __name__ == "__main__":
    main(*sys.argv[1:])
