"""Super SIM IP Commands: ``from ip_commands import IpCommandClient``, and every other public name
of ``ip_commands.device``.

``device``, ``modem_drivers``, ``boards`` and ``host_sim`` live below this one name, so that no
file of yours hides them or is hidden. Nothing is loaded before it is asked for: on a board this
module costs no more than its own few lines.
"""

if __name__ != "ip_commands":
    raise ImportError("write `import ip_commands`: under another name it would be a second copy")

TYPE_CHECKING = False
if TYPE_CHECKING:
    from ip_commands.device import *  # noqa: F403  every public name, for the type checker alone
else:

    def __getattr__(name):
        if name[:1].isupper():
            import ip_commands.device as device

            return getattr(device, name)
        if name[:1] != "_":
            # `from ip_commands import boards`: MicroPython asks here before it looks for a
            # submodule
            full_name = "ip_commands." + name
            try:
                __import__(full_name)
                return globals()[name]
            except ImportError as error:
                if "'%s'" % full_name not in str(error):
                    raise  # it exists, and what it imports does not
        raise AttributeError("module 'ip_commands' has no attribute '%s'" % name)
