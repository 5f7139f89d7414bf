"""The simulator: fake modems, an LTE network, a stand-in for the cloud, in virtual time.

Rooms, from the ground up: ``time``, ``lte``, ``cloud`` (the truth), ``uart``, ``fake_modems``,
``faults``, then ``micropython`` and ``pictures``, then ``world`` (``SuperSim``, which joins them),
then what people touch: ``web``, ``commands`` and ``pytest_plugin``. Each says what it may import;
``extras`` (what to say when a library is missing) imports nothing of ours. CPython only.
"""

if __name__ != "ip_commands.host_sim":
    raise ImportError(
        "write `import ip_commands.host_sim`: under another name it would be a second copy"
    )
