"""The device half: waits for IP Commands, calls your handler, sends messages back.

Public: ``from ip_commands.device import IpCommandClient, IpCommand`` and every error of
``errors``. Nothing is loaded before it is asked for: a board's heap is 64-200 KB, and drivers
import ``portable`` through here too. Imports nothing of ours; no AT, no pins. Type checkers read
``__init__.pyi``.
"""

if __name__ != "ip_commands.device":
    raise ImportError("`import ip_commands.device`: else it would be a second copy")


def __getattr__(name: str) -> object:
    # also for `from ip_commands.device import portable`: MicroPython asks here before it looks for
    # a submodule
    module = name
    if name == "IpCommandClient":
        module = "ip_command_client"
    elif name == "IpCommand":
        module = "ip_command"
    elif name[:1].isupper():
        module = "errors"
    full_name = __name__ + "." + module
    if name[:1] != "_":
        try:
            __import__(full_name)
            found = globals()[module]
            return found if module == name else getattr(found, name)
        except ImportError as error:
            if "'%s'" % full_name not in str(error):
                raise
    raise AttributeError("module '%s' has no attribute '%s'" % (__name__, name))
