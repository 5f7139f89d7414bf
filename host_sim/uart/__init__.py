"""UARTs between a host and a modem: in memory, on a pty, over TCP; rate, cutting, loss, spy log.

Imports nothing of ours. ``link.UartLink`` stays in memory; ``ports.PtyUart`` and ``ports.TcpUart``
lead to other programs.
"""
