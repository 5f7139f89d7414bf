"""One file per board: pins, pulses, UARTs; the only place with ``machine``.

Public: each board's ``modem()``, which returns the driver of the board's modem, and what a board
file of your own needs: ``power_key.PowerKey``, ``uart_stream.open_uart``. May import ``device``
and ``modem_drivers``; here, and in a program, they are put together.
"""

if __name__ != "ip_commands.boards":
    raise ImportError(
        "write `import ip_commands.boards`: under another name it would be a second copy"
    )
