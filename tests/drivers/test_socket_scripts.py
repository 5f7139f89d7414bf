"""What drivers say to open, read, write and lose sockets, byte for byte."""

from ip_commands.device.errors import SendFailed, SocketClosed
from ip_commands.device.portable import sleep_ms
from tests.drivers.scripted_drivers import bg95, sim7080, started
from tests.portable.at_script import play
from tests.portable.bg95_script import BG95_OPEN
from tests.portable.raises import raises

OPEN_REFUSED = r"""
    > AT+QIACT?
    < +QIACT: 1,1,1,"10.3.118.130"
    < OK
    > AT+QICLOSE=0
    < OK
    > AT+QIOPEN=1,0,"UDP SERVICE","127.0.0.1",0,4242,0
    {first}
    > AT+QISTATE=0,1
    < +QISTATE: 2,"UDP SERVICE","10.7.157.1",0,4242,2,1,2,0,"uart1"
    < OK
    > AT+QICLOSE=2
    < OK
    > AT+QICLOSE=0
    < ERROR
    > AT+QIOPEN=1,0,"UDP SERVICE","127.0.0.1",0,4242,0
    < OK
    < +QIOPEN: 0,{second}
"""


async def test_a_port_that_an_older_socket_holds_is_freed():
    at_once = '< ERROR\n    > AT+QIGETERROR\n    < +QIGETERROR: 563, "in use"\n    < OK'
    for first in ("< OK\n    < +QIOPEN: 0,574", "< OK\n    < +QIOPEN: 0,556", at_once):
        script = OPEN_REFUSED.replace("{first}", first).replace("{second}", "0")
        await play(script, started(bg95), lambda modem: modem.open_udp(4242))


async def test_a_port_that_stays_taken_is_told_with_its_number():
    script = OPEN_REFUSED.replace("{first}", "< OK\n< +QIOPEN: 0,574").replace("{second}", "574")

    async def use(modem):
        with raises(Exception, "4242", "port busy") as caught:
            await modem.open_udp(4242)
        assert caught.error.code == 574

    await play(script, started(bg95), use)


async def test_freeing_a_port_spares_the_sockets_in_use():
    script = (
        BG95_OPEN.replace("> AT+QIRD=0\n    < +QIRD: 0\n    < OK\n", "")
        + r"""
        > AT+QIACT?
        < +QIACT: 1,1,1,"10.3.118.130"
        < OK
        > AT+QICLOSE=1
        < OK
        > AT+QIOPEN=1,1,"UDP SERVICE","127.0.0.1",0,4343,0
        < OK
        < +QIOPEN: 1,574
        > AT+QISTATE=0,1
        < +QISTATE: 0,"UDP SERVICE","10.7.157.1",0,4242,2,1,0,0,"uart1"
        < +QISTATE: 7,"UDP SERVICE","10.7.157.1",0,4343,2,1,7,0,"uart1"
        < OK
        > AT+QICLOSE=7
        < OK
        > AT+QICLOSE=1
        < OK
        > AT+QIOPEN=1,1,"UDP SERVICE","127.0.0.1",0,4343,0
        < OK
        < +QIOPEN: 1,0
    """
    )

    async def use(modem):
        first = await modem.open_udp(4242)
        await modem.open_udp(4343)
        assert not first.lost

    await play(script, started(bg95), use)


async def with_socket(modem, use):
    socket = await modem.open_udp(4242)
    with raises(Exception, "no datagram"):
        await socket.receive(0)
    return await use(socket)


async def test_a_send_that_fails_is_repeated_and_then_given_up():
    send = '> AT+QISEND=0,1,"1.2.3.4",5\n<| > \n>| x\n'

    async def use(socket):
        await socket.send_to(b"x", "1.2.3.4", 5)
        with raises(SendFailed):
            await socket.send_to(b"x", "1.2.3.4", 5)

    script = BG95_OPEN + send + "< SEND FAIL\n" + send + "< SEND OK\n"
    script += (send + "< SEND FAIL\n") * 4
    await play(script, started(bg95), lambda modem: with_socket(modem, use))


async def test_a_send_on_a_socket_that_is_gone():
    script = BG95_OPEN + '> AT+QISEND=0,1,"1.2.3.4",5\n< ERROR\n'
    script += "> AT+QISTATE=1,0\n< OK\n" * 2

    async def use(socket):
        with raises(SocketClosed):
            await socket.send_to(b"x", "1.2.3.4", 5)
        with raises(SocketClosed):
            await socket.receive(1000)

    await play(script, started(bg95), lambda modem: with_socket(modem, use))


async def test_the_answer_to_a_read_that_was_given_up_is_kept():
    script = (
        BG95_OPEN
        + r"""
        ~ 100
        < +QIURC: "recv",0
        > AT+QIRD=0
        ~ 5200
        <| \r\n+QIRD: 4,"1.2.3.4",5\r\nlate\r\n\r\nOK\r\n
        > AT
        < OK
        > AT+QIRD=0
        < +QIRD: 0
        < OK
    """
    )

    async def use(socket):
        assert await socket.receive(60000) == (b"late", "1.2.3.4", 5)
        with raises(Exception, "no datagram"):
            await socket.receive(1000)

    await play(script, started(bg95), lambda modem: with_socket(modem, use))


async def test_recvind_and_urcs_of_sockets_that_are_none():
    script = (
        BG95_OPEN
        + r"""
        ~ 100
        < +QIURC: "recv",5
        < +QIURC: "recv",x
        < +QIURC: "recv",0,4
        > AT+QIRD=0
        <| \r\n+QIRD: 4,"1.2.3.4",5\r\nabcd\r\n\r\nOK\r\n
    """
    )

    async def use(socket):
        assert await socket.receive(1000) == (b"abcd", "1.2.3.4", 5)
        assert socket.found_without_urc == 0
        assert socket._modem.at.handler_errors == 0

    await play(script, started(bg95), lambda modem: with_socket(modem, use))


SIM7080_OPEN = r"""
    > AT+CNACT?
    < +CNACT: 0,1,"10.181.182.177"
    < OK
    > AT+CASRIP=1
    < {known}
    > AT+CASERVER=0,0,"UDP",4242
    < +CASERVER: 0,0
    < OK
"""


async def test_a_sim7080_that_does_not_tell_the_sender():
    script = SIM7080_OPEN.replace("{known}", "ERROR") + (
        r"""
        > AT+CARECV=0,1460
        < +CARECV: 0
        < OK
        < +CANEW: 0,0,100.64.0.1,6969
        < +CADATAIND: 0
        > AT+CARECV=0,1460
        <| \r\n+CARECV: 5,a,b,c\r\n\r\nOK\r\n
        > AT+CARECV=0,1460
        <| \r\n+CARECV: 4,evil\r\n\r\nOK\r\n
        > AT+CARECV=0,1460
        < +CARECV: 0
        < OK
    """
    )

    async def use(modem):
        socket = await modem.open_udp(4242)
        assert not socket.tells_sender
        # the URC told who sent the first one; nothing tells who sent what waits behind it
        assert await socket.receive(1000) == (b"a,b,c", "", 0)
        assert await socket.receive(1000) == (b"evil", "", 0)
        with raises(Exception, "no datagram"):
            await socket.receive(1000)

    await play(script, started(sim7080), use)


async def test_a_sim7080_that_refused_to_tell_senders_at_first_is_asked_again():
    async def use(modem):
        assert (await modem.open_udp(4242)).tells_sender

    await play(SIM7080_OPEN.replace("{known}", "OK"), started(sim7080), use)


async def test_a_sim7080_that_pushes_tells_senders_by_itself():
    asked = "    > AT+CASRIP=1\n    < {known}\n"
    script = SIM7080_OPEN.replace(asked, "").replace("4242", "4242,1") + (
        r"""
        > AT+CASTATE?
        < +CASTATE: 0,1
        < OK
        <| \r\n+CAURC: "recv",0,4,100.64.0.1,6969\r\ngood\r\n
        < +CANEW: 0,0,100.64.0.1,6969
        <| \r\n+CAURC: "recv",0,4\r\nevil\r\n
        > AT+CASTATE?
        < +CASTATE: 0,1
        < OK
    """
    )

    async def use(modem):
        socket = await modem.open_udp(4242)
        assert socket.tells_sender
        assert await socket.receive(1000) == (b"good", "100.64.0.1", 6969)
        assert await socket.receive(1000) == (b"evil", "", 0)
        with raises(Exception, "no datagram"):
            await socket.receive(1000)

    await play(script, started(lambda stream: sim7080(stream, push=True)), use)


async def test_the_end_of_an_older_connection_spares_a_socket_that_is_being_opened():
    script = r"""
        > AT+QIACT?
        < +QIACT: 1,1,1,"10.3.118.130"
        < OK
        > AT+QICLOSE=0
        < OK
        > AT+QIOPEN=1,0,"UDP SERVICE","127.0.0.1",0,4242,0
        < OK
        < +CGEV: NW PDN DEACT 1
        < +QIOPEN: 0,0
        ~ 100
        < +CGEV: NW PDN DEACT 2
        ~ 100
        < +CGEV: NW PDN DEACT 1
        > AT+QIRD=0
        < ERROR
        > AT+QISTATE=1,0
        < OK
        > AT+QISTATE=1,0
        < OK
    """

    async def use(modem):
        socket = await modem.open_udp(4242)
        await sleep_ms(150)
        assert not socket.lost
        await sleep_ms(100)
        with raises(SocketClosed, "NW PDN DEACT 1", "attach again"):
            await socket.receive(1000)

    await play(script, started(bg95), use)
