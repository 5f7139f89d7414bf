"""Deliver webhooks over HTTP without ever making the cloud, or one another, wait.

Source: twilio.com/docs/api/errors/11205 (time-outs) and public captures (header names). Only a 2xx
answer is success; its body is ignored, a redirect is not followed.
"""

import asyncio
from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass
from urllib.parse import urlencode

import aiohttp
from yarl import URL

from ip_commands.host_sim.cloud.connection_overrides import (
    Overrides,
    may_connect,
    read_overrides,
    request_url,
)
from ip_commands.host_sim.cloud.dates import date_text
from ip_commands.host_sim.cloud.flavours import TWILIO, Flavour
from ip_commands.host_sim.cloud.real_time_alarm import ClockHold
from ip_commands.host_sim.cloud.records import Account, WebhookRequest
from ip_commands.host_sim.cloud.signature import sign
from ip_commands.host_sim.cloud.store import CloudStore

MAX_WAITING = 20_000
MAX_WAITING_PER_TARGET = 2_000
MAX_AT_ONCE_PER_TARGET = 16


@dataclass(slots=True)
class WebhookCounters:
    """What became of the webhooks so far."""

    delivered: int = 0
    failed: int = 0
    """Refused, unanswered or answered otherwise than 2xx, after all attempts."""
    blocked: int = 0
    """Stopped by the safety switch."""
    dropped: int = 0
    """Given up at once because too many were waiting."""
    retried: int = 0


class _Target:
    """One URL without its query: what waits for it, so that a slow one delays nobody else."""

    __slots__ = ("slots", "waiting")

    def __init__(self) -> None:
        self.slots = asyncio.Semaphore(MAX_AT_ONCE_PER_TARGET)
        self.waiting = 0


class WebhookSender:
    """Send the webhooks that a store owes; make it on the running loop and connect the two::

        sender = WebhookSender(store)
        store.notify = sender.submit

    Requests of one resource (one IP Command) go out one after the other; all others at the same
    time, at most 16 to one target. When 2000 wait for one target, or 20000 in all, a new one is
    given up at once: the oldest keep their place, and the debugger log names the loss.

    allowed_hosts: names to connect to besides loopback. Everything else is blocked.
    patience_s: on a virtual clock, the real seconds that a receiver may take before the clock runs
        on and the time-outs (5 s to connect, 15 s in all, on that clock) can strike. A receiver in
        the same loop that sleeps before it answers sleeps on only after that.
    """

    def __init__(
        self,
        store: CloudStore,
        *,
        session: aiohttp.ClientSession | None = None,
        flavour: Flavour = TWILIO,
        allowed_hosts: Iterable[str] = (),
        overrides: Overrides | None = None,
        patience_s: float = 15.0,
    ) -> None:
        self.counters = WebhookCounters()
        self._store = store
        self._flavour = flavour
        self._allowed_hosts = frozenset(host.lower() for host in allowed_hosts)
        self._overrides = overrides or flavour.webhook_overrides
        self._loop = asyncio.get_running_loop()
        self._clock = ClockHold(self._loop, patience_s)
        self._owns_session = session is None
        self._session = session or aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(limit=0, force_close=True),
            cookie_jar=aiohttp.DummyCookieJar(),
            auto_decompress=False,
        )
        self._targets: dict[str, _Target] = {}
        self._of_resource: dict[str, deque[WebhookRequest]] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self._waiting = 0

    def submit(self, request: WebhookRequest) -> None:
        """Take a webhook to deliver; return at once. Call in the loop's thread."""
        target_url = request.url.partition("#")[0].partition("?")[0]
        target = self._targets.get(target_url)
        if self._waiting >= MAX_WAITING or (
            target is not None and target.waiting >= MAX_WAITING_PER_TARGET
        ):
            self.counters.dropped += 1
            self._store.webhook_finished(
                request, f"given up unsent: {self._waiting} webhooks are waiting already"
            )
            return
        if target is None:
            target = self._targets[target_url] = _Target()
        target.waiting += 1
        self._waiting += 1
        queue = self._of_resource.get(request.resource_sid)
        if queue is not None:
            queue.append(request)
            return
        self._of_resource[request.resource_sid] = deque((request,))
        task = self._loop.create_task(self._deliver_in_order(request.resource_sid))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def drain(self) -> None:
        """Return when nothing is waiting or on its way any more."""
        while self._tasks:
            await asyncio.wait(set(self._tasks))

    async def close(self) -> None:
        """Stop. What was not delivered stays owed: a stored cloud sends it after its restart."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        self._clock.close()
        if self._owns_session:
            await self._session.close()

    @property
    def waiting(self) -> int:
        """How many webhooks are queued or on their way."""
        return self._waiting

    async def _deliver_in_order(self, resource_sid: str) -> None:
        queue = self._of_resource[resource_sid]
        try:
            while queue:
                request = queue[0]
                target_url = request.url.partition("#")[0].partition("?")[0]
                target = self._targets[target_url]
                async with target.slots:
                    trouble = await self._deliver(request)
                queue.popleft()
                self._waiting -= 1
                target.waiting -= 1
                if target.waiting == 0:
                    del self._targets[target_url]
                self._store.webhook_finished(request, trouble)
        finally:
            del self._of_resource[resource_sid]

    async def _deliver(self, request: WebhookRequest) -> str | None:
        """Deliver one webhook with all its attempts; return what went wrong, None for nothing."""
        account = self._store.accounts.get(request.account_sid)
        if account is None:
            return "the account is gone"
        if not may_connect(request.url, self._allowed_hosts):
            self.counters.blocked += 1
            return "blocked: webhooks go to loopback only; allow this host by name to send there"
        overrides = read_overrides(request.url, self._overrides)
        deadline_s = self._loop.time() + overrides.total_timeout_ms / 1000
        attempt = 0
        with self._clock.hold():
            while True:
                reason, trouble = await self._attempt(request, account, overrides, deadline_s)
                if trouble is None:
                    self.counters.delivered += 1
                    return None
                attempt += 1
                if (
                    attempt > overrides.retries
                    or not overrides.covers(reason)
                    or self._loop.time() >= deadline_s
                ):
                    self.counters.failed += 1
                    return f"{trouble} (attempts: {attempt})"
                self.counters.retried += 1

    async def _attempt(
        self, request: WebhookRequest, account: Account, overrides: Overrides, deadline_s: float
    ) -> tuple[str, str | None]:
        """Send once; return the reason for a retry and what went wrong (None: nothing)."""
        url, body, headers = self.compose(request, account)
        timeout = aiohttp.ClientTimeout(
            total=max(0.001, deadline_s - self._loop.time()),
            sock_connect=overrides.connect_timeout_ms / 1000,
            sock_read=overrides.read_timeout_ms / 1000,
        )
        try:
            async with self._session.request(
                request.method,
                URL(url, encoded=True),
                data=body,
                headers=headers,
                timeout=timeout,
                allow_redirects=False,
            ) as answer:
                if 200 <= answer.status < 300:
                    return "", None
                return str(answer.status), f"answered {answer.status}, not 2xx"
        except (aiohttp.ClientConnectorError, aiohttp.ConnectionTimeoutError) as error:
            return "ct", f"no connection: {error}"
        except TimeoutError:
            return "rt", "no answer in time"
        except Exception as error:
            return "rt", f"no usable answer: {type(error).__name__}: {error}"

    def compose(
        self, request: WebhookRequest, account: Account
    ) -> tuple[str, bytes | None, dict[str, str]]:
        """Return URL, body (None for GET) and headers of a webhook, signed."""
        flavour = self._flavour
        is_post = request.method == "POST"
        url = request_url(request.url, () if is_post else request.parameters)
        secret = (
            account.webhook_secret if flavour.signs_with_webhook_secret else account.auth_token
        )
        headers = {
            "User-Agent": flavour.user_agent,
            "Accept": "*/*",
            "Accept-Encoding": "gzip",
            flavour.idempotency_header: request.sid,
            flavour.signature_header: sign(secret, url, request.parameters if is_post else ()),
        }
        if flavour.dates_webhooks:
            headers["date"] = date_text(self._store.queue.now_ms)
        if not is_post:
            return url, None, headers
        headers["Content-Type"] = "application/x-www-form-urlencoded; charset=UTF-8"
        return url, urlencode(request.parameters).encode(), headers
