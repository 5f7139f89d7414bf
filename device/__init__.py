"""The device half: waits for IP Commands, calls your handler, sends messages back.

``from device import IpCommandClient, IpCommand`` and every error of ``device.errors``. Nothing is
loaded before it is asked for: a board's heap is 64-200 KB, and drivers import ``device.portable``
through here too.
"""

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from device.ip_command import IpCommand as IpCommand
    from device.ip_command_client import IpCommandClient as IpCommandClient


def __getattr__(name: str) -> "Any":
    if name == "IpCommandClient":
        from device.ip_command_client import IpCommandClient

        return IpCommandClient
    if name == "IpCommand":
        from device.ip_command import IpCommand

        return IpCommand
    if name[:1] != "_":
        if name[:1].isupper():
            import device.errors as errors

            return getattr(errors, name)
        try:
            # `from device import portable`: MicroPython asks here before it looks for a submodule
            __import__("device." + name)
            return globals()[name]
        except ImportError:
            pass
    raise AttributeError("module 'device' has no attribute '%s'" % name)
