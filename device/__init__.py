"""The device half: waits for IP Commands, calls your handler, sends messages back.

Public: ``from ip_commands.device import IpCommandClient, IpCommand`` and every error of
``errors``. Nothing is loaded before it is asked for: a board's heap is 64-200 KB, and drivers
import ``portable`` through here too. Imports nothing of ours; no AT, no pins.
"""

if __name__ != "ip_commands.device":
    raise ImportError(
        "write `import ip_commands.device`: under another name it would be a second copy"
    )

TYPE_CHECKING = False
if TYPE_CHECKING:
    from ip_commands.device.errors import *  # noqa: F403  every one, for the type checker alone
    from ip_commands.device.ip_command import IpCommand as IpCommand
    from ip_commands.device.ip_command_client import IpCommandClient as IpCommandClient
else:

    def __getattr__(name):
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
            # `from ip_commands.device import portable`: MicroPython asks here before it looks for
            # a submodule
            full_name = "ip_commands.device." + name
            try:
                __import__(full_name)
                return globals()[name]
            except ImportError as error:
                if "'%s'" % full_name not in str(error):
                    raise
        raise AttributeError("module 'ip_commands.device' has no attribute '%s'" % name)
