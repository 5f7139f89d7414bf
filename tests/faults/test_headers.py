"""Headers and notices with another socket id, address, port or length."""

import pytest

from tests.faults.families import BY_MODEL, each_family
from tests.faults.scripted_host import ScriptedHost


@each_family
@pytest.mark.parametrize("field", ["id", "address", "port", "length"])
async def test_a_header_tells_something_wrong(family, field):
    async with ScriptedHost(family) as host:
        wrong = host.inject(f"wrong_{field}", to="read")
        said = await host.read()
        if field not in family.wrong:  # this dialect's header does not have it
            assert said == family.answer
            assert (wrong.happened.count, wrong.active) == (0, True)
        else:
            right, instead = family.wrong[field]
            assert family.answer.count(right) == 1
            assert said == family.answer.replace(right, instead)
            assert (wrong.happened.count, wrong.active) == (1, False)
        host.faults.heal()
        await host.works()


@pytest.mark.parametrize(
    ("model", "said"),
    [
        ("bg95", b'\r\n+QIURC: "recv",7\r\n'),
        ("sim7080g", b"\r\n+CADATAIND: 7\r\n\r\n+CANEW: 0,0,100.64.0.1,6969\r\n"),
        ("sim7600", b"\r\n+CIPRXGET: 1,7\r\n"),
        ("sara-r510s", b"\r\n+UUSORD: 7,5\r\n"),
        ("gm02sp", b"\r\n+SQNSRING: 7,5\r\n"),
        ("nrf9151", b"\r\n#XAPOLL: 7,1\r\n"),
        ("me910c1", b"\r\nSRING: 7,5\r\n"),
    ],
)
async def test_a_notice_names_another_socket(model, said):
    async with ScriptedHost(BY_MODEL[model]) as host:
        host.inject("wrong_id", value="7")
        host.arrive()
        assert await host.hear(1) == said
        assert await host.ask(host.family.read) == host.family.answer
        await host.works()


async def test_garbled_sources_are_given_as_values():
    family = BY_MODEL["bg95"]
    async with ScriptedHost(family) as host:
        host.inject("wrong_address", to="read", value="")
        host.inject("wrong_port", to="read", value="0")
        assert await host.read() == family.answer.replace(b'"100.64.0.1",6969', b'"",0')
        host.inject("wrong_length", to="read", by=-2)
        assert await host.read() == family.answer.replace(b"QIRD: 5", b"QIRD: 3")


@pytest.mark.parametrize(
    ("commands", "said"),
    [
        (
            ("AT+CIPRXGET=0",),
            b"\r\nRECV FROM:203.0.113.9:6969\r\n+IPD5\r\nhello",
        ),
        (
            ("AT+CIPRXGET=0", "AT+CIPCCFG=10,0,0,1,1,0,500"),
            b"\r\nRECV FROM:203.0.113.9:6969\r\n+RECEIVE,0,5\r\nhello",
        ),
    ],
)
async def test_pushed_datagrams_have_headers_too(commands, said):
    async with ScriptedHost(BY_MODEL["sim7600"]) as host:
        for command in commands:
            await host.ask(command)
        host.inject("wrong_address")
        host.arrive()
        assert await host.hear(1) == said
