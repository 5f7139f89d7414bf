"""Sockets that the network closes, with and without a word; what they held."""

import pytest

from ip_commands.host_sim.faults import FaultError
from tests.faults.families import BY_MODEL, each_family
from tests.faults.scripted_host import ScriptedHost

CLOSED_READ = {
    "bg95": b"\r\nERROR\r\n",
    "sim7080g": b"\r\n+CME ERROR: 3\r\n",
    "sim7000g": b"\r\n+CME ERROR: 3\r\n",
    "sim7600": b"\r\n+IP ERROR: No data\r\n\r\nERROR\r\n",
    "sara-r510s": b"\r\n+CME ERROR: 3\r\n",
    "gm02sp": b"\r\n+CME ERROR: 4\r\n",
    "nrf9160": b"\r\nERROR\r\n",
    "nrf9151": b"\r\nERROR\r\n",
    "me910c1": b"\r\n+CME ERROR: 551\r\n",
}
"""What a read of a closed socket that holds nothing says."""


@each_family
async def test_a_socket_is_closed_with_its_urc(family):
    async with ScriptedHost(family) as host:
        await host.ask("AT+CMEE=1")
        closed = host.inject("socket_closed")
        assert await host.hear(5) == family.closed
        assert closed.happened.last.what in ("socket 0 closed", "socket 1 closed")
        host.arrive()
        assert await host.hear(1) == b""
        said = await host.ask(family.read)
        empty = {
            "bg95": b"\r\n+QIRD: 0\r\n\r\nOK\r\n",
            "sim7080g": b"\r\n+CARECV: 0\r\n\r\nOK\r\n",
        }
        assert said == empty.get(family.model, CLOSED_READ[family.model])
        await host.works_again()


@each_family
async def test_a_socket_is_closed_without_a_word(family):
    async with ScriptedHost(family) as host:
        host.inject("socket_closed", urc=False)
        assert await host.hear(60) == b""
        host.arrive()
        assert await host.hear(1) == b""
        await host.works_again()


@each_family
async def test_what_a_closed_socket_held_is_readable_where_the_documents_say_so(family):
    async with ScriptedHost(family) as host:
        await host.ask("AT+CMEE=1")
        host.arrive()
        await host.hear(0.5)
        host.inject("socket_closed")
        said = await host.hear(1)
        assert said == (b"\r\n#XAPOLL: 0,16\r\n" if family.model == "nrf9151" else family.closed)
        said = await host.ask(family.read)
        assert said == (family.answer if family.reads_closed else CLOSED_READ[family.model])
        await host.works_again()


@pytest.mark.parametrize("model", ["bg95", "sim7080g", "nrf9160", "nrf9151"])
async def test_what_a_closed_socket_held_can_be_lost_there_too(model):
    family = BY_MODEL[model]
    async with ScriptedHost(family) as host:
        await host.ask("AT+CMEE=1")
        host.arrive()
        await host.hear(0.5)
        host.inject("socket_closed", keeps_data=False)
        await host.hear(1)
        assert await host.ask(family.read) == CLOSED_READ[model]
        await host.works_again()


async def test_data_and_the_close_are_shown_in_one_event_of_a_nordic():
    async with ScriptedHost(BY_MODEL["nrf9151"]) as host:
        await host.ask("AT#XAPOLL=0,0")
        host.arrive()
        host.inject("socket_closed", urc=False)
        said = await host.ask("AT#XAPOLL=0,1,1") + await host.hear(1)
        assert said == b"\r\nOK\r\n\r\n#XAPOLL: 0,17\r\n"


async def test_a_quectel_id_stays_taken_until_it_is_closed():
    async with ScriptedHost(BY_MODEL["bg95"]) as host:
        host.inject("socket_closed")
        await host.hear(1)
        again = 'AT+QIOPEN=1,0,"UDP SERVICE","127.0.0.1",0,4242,0'
        assert (await host.ask(again) + await host.hear(1)).endswith(b"+QIOPEN: 0,563\r\n")
        assert await host.ask("AT+QICLOSE=0") == b"\r\nOK\r\n"
        assert (await host.ask(again) + await host.hear(1)).endswith(b"+QIOPEN: 0,0\r\n")
        await host.works()


async def test_a_socket_is_closed_at_a_command_and_at_a_urc():
    family = BY_MODEL["bg95"]
    async with ScriptedHost(family) as host:
        host.inject("socket_closed", to='+QIURC: "recv"')
        host.arrive()
        assert await host.hear(1) == family.notice + family.closed
        assert await host.ask(family.read) == family.answer
        await host.ask("AT+QICLOSE=0")
        await host.ask('AT+QIOPEN=1,0,"UDP SERVICE","127.0.0.1",0,4242,0')
        await host.hear(1)
        host.inject("socket_closed", to="read", when="before")
        assert await host.read() + await host.hear(1) == family.closed + family.answer


async def test_what_is_not_there_is_not_closed():
    async with ScriptedHost(BY_MODEL["sara-r510s"]) as host:
        with pytest.raises(FaultError, match="keeps nothing of a closed socket"):
            host.inject("socket_closed", keeps_data=True)
        handle = host.inject("socket_closed", socket=3)
        assert handle.happened.last.what == "nothing: no such socket is open"
        await host.works()
