"""One file per board: pins, pulses, UARTs; ``modem()`` returns the driver of the board's modem.

The only place with ``machine``; here, and in a program, device and driver are put together.
"""

if __name__ != "ip_commands.boards":
    raise ImportError(
        "write `import ip_commands.boards`: under another name it would be a second copy"
    )
