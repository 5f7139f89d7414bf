"""What a type checker sees of the package: names that are loaded only when they are asked for."""

from ip_commands.device.errors import *  # noqa: F403
from ip_commands.device.ip_command import IpCommand as IpCommand
from ip_commands.device.ip_command_client import IpCommandClient as IpCommandClient
