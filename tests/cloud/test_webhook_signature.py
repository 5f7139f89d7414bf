"""The official validator accepts every webhook, whatever the URL and the payload look like."""

import asyncio
from urllib.parse import parse_qsl, urlsplit

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from multidict import MultiDict
from twilio.request_validator import RequestValidator

from ip_commands.host_sim.cloud.connection_overrides import request_url
from ip_commands.host_sim.cloud.signature import sign
from tests.cloud.cloud_under_test import CloudUnderTest, Received


def test_the_published_example() -> None:
    # twilio.com/docs/usage/security, "Validating signatures"; in every official client's own tests
    form = [
        ("Digits", "1234"),
        ("CallSid", "CA1234567890ABCDE"),
        ("To", "+18005551212"),
        ("Caller", "+12349013030"),
        ("From", "+12349013030"),
    ]
    url = "https://mycompany.com/myapp.php?foo=1&bar=2"
    assert sign("12345", url, form) == "0/KCTR6DLpKmkAf8muzZqo1nDgQ="


@given(
    st.lists(st.tuples(st.sampled_from(["A", "b", "Payload", "é", ""]), st.text(max_size=5))),
    st.text(min_size=1, max_size=20),
)
@settings(max_examples=60)
def test_repeated_names_sign_like_the_validator(form: list[tuple[str, str]], secret: str) -> None:
    signature = sign(secret, "https://example.com/x?y=z", form)
    validator = RequestValidator(secret)
    assert validator.validate("https://example.com/x?y=z", MultiDict(form), signature)
    changed = MultiDict([*form, ("More", "x")])
    assert not validator.validate("https://example.com/x?y=z", changed, signature)


NOT_IN_PATHS = '\\<>"{}|^`#?\x7f'
PATHS = st.text(
    st.characters(exclude_categories=["Cs"], exclude_characters=NOT_IN_PATHS, min_codepoint=33),
    max_size=12,
)
QUERIES = st.text(
    st.sampled_from("abz059=&+%;:@/?!$'()*,~.-_é€[]"),
    max_size=14,
)
FRAGMENTS = st.sampled_from(["", "#", "#rc=2&rp=all", "#section"])


def urls(host: str) -> st.SearchStrategy[str]:
    tail = st.tuples(PATHS, st.none() | QUERIES, FRAGMENTS)
    return tail.map(
        lambda t: (
            f"{host}{'/' if t[0] else ''}{t[0]}" + ("" if t[1] is None else f"?{t[1]}") + t[2]
        )
    )


def is_genuine(received: Received, auth_token: str) -> bool:
    """Do what a customer's framework does: rebuild the URL, read the form, ask the validator."""
    form = MultiDict(parse_qsl(received.body.decode(), keep_blank_values=True))
    signature = received.headers["X-Twilio-Signature"]
    return RequestValidator(auth_token).validate(received.url, form, signature)


async def test_every_webhook_is_accepted(cloud: CloudUnderTest) -> None:
    """Hypothesis runs in a thread and has the loop deliver each example through a real socket."""
    loop = asyncio.get_running_loop()

    async def deliver(payload: bytes, url: str, method: str) -> Received:
        cloud.receiver.received.clear()
        cloud.store.fleets.update(cloud.fleet, ip_commands_url=url, ip_commands_method=method)
        cloud.uplink(payload)
        await cloud.settle()
        assert list(cloud.store.debugger) == []
        (received,) = cloud.receiver.received
        return received

    @given(st.binary(max_size=40), urls(cloud.receiver.url("")), st.sampled_from(["GET", "POST"]))
    @settings(max_examples=120, deadline=None, suppress_health_check=list(HealthCheck))
    def check(payload: bytes, url: str, method: str) -> None:
        task = asyncio.run_coroutine_threadsafe(deliver(payload, url, method), loop)
        received = task.result(20)
        assert received.method == method
        assert is_genuine(received, cloud.account.auth_token)
        assert "#" not in received.raw_path
        if method == "GET":
            assert received.body == b""
            assert "CommandSid=HG" in received.raw_path

    await asyncio.to_thread(check)


@pytest.mark.parametrize(
    "url",
    [
        "http://127.0.0.1:9000/x",
        "http://[::1]:9000/x",
        "http://user:secret@127.0.0.1:9000/x?y",
        "https://example.com",
        "https://example.com:443/a?b=c#rc=1",
        "http://EXAMPLE.com:80/?",
        "http://bücher.example/straße?größe=ü",
        "http://example.com/a/../b/./c//d;p=1",
        "http://example.com/%7Euser%2fx?q=%e2%82%ac&q=2&&=",
    ],
)
@given(payload=st.text(max_size=20))
@settings(max_examples=10, suppress_health_check=[HealthCheck.too_slow])
def test_url_forms(url: str, payload: str) -> None:
    validator = RequestValidator("token")
    form = (("Payload", payload), ("Status", "sent"))
    posted = request_url(url)
    assert validator.validate(posted, dict(form), sign("token", posted, form))
    requested = request_url(url, form)
    assert validator.validate(requested, {}, sign("token", requested))
    assert parse_qsl(urlsplit(requested).query, keep_blank_values=True)[-2:] == list(form)


def test_a_url_stays_as_the_customer_wrote_it() -> None:
    url = "https://Example.com/a/../b;c=d/%7Ex%2fy?q=%e2%82%ac&a+b=[1]&&"
    assert request_url(url + "#rc=1") == url
    assert request_url("http://h") == "http://h/"
    assert request_url("http://h?") == "http://h/"
    assert request_url("http://h/a;?b") == "http://h/a?b"
    assert request_url("http://h/ü?ü=ü") == "http://h/%C3%BC?%C3%BC=%C3%BC"
    assert request_url("http://h/100%") == "http://h/100%25"
    assert request_url("http://bücher.example/") == "http://xn--bcher-kva.example/"
