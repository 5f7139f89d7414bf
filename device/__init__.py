"""The device half: waits for IP Commands, calls your handler, sends messages back.

``from ip_commands.device import IpCommandClient, IpCommand`` and every error of
``ip_commands.device.errors``. Nothing is loaded before it is asked for: a board's heap is
64-200 KB, and drivers import ``ip_commands.device.portable`` through here too.
"""

if __name__ != "ip_commands.device":
    raise ImportError(
        "write `import ip_commands.device`: under another name it would be a second copy"
    )

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from ip_commands.device.ip_command import IpCommand as IpCommand
    from ip_commands.device.ip_command_client import IpCommandClient as IpCommandClient


def __getattr__(name: str) -> "Any":
    if name == "IpCommandClient":
        from ip_commands.device.ip_command_client import IpCommandClient

        return IpCommandClient
    if name == "IpCommand":
        from ip_commands.device.ip_command import IpCommand

        return IpCommand
    if name[:1].isupper():
        import ip_commands.device.errors as errors

        return getattr(errors, name)
    if name[:1] != "_":
        # `from ip_commands.device import portable`: MicroPython asks here before it looks for a
        # submodule
        full_name = "ip_commands.device." + name
        try:
            __import__(full_name)
            return globals()[name]
        except ImportError as error:
            if "'%s'" % full_name not in str(error):
                raise
    raise AttributeError("module 'ip_commands.device' has no attribute '%s'" % name)
