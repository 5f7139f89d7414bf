"""The webhooks that the cloud owes its customers, and the debugger log of those given up.

A webhook is stored with the change that it tells of, and handed out after both are permanent: a
cloud that is killed in between sends it after its restart, with the same idempotency token.
"""

from collections import deque
from collections.abc import Callable

from ip_commands.host_sim.cloud.error_codes import ErrorTable
from ip_commands.host_sim.cloud.ledger import Ledger
from ip_commands.host_sim.cloud.records import DebuggerEntry, WebhookRequest

Notify = Callable[[WebhookRequest], None]


class OwedWebhooks:
    """The webhooks of all accounts that are not settled.

    notify: called with each; must not block. Whoever takes it answers with ``settle``.
    errors: where the code of the debugger log comes from.
    max_debugger_entries: the log keeps the newest.
    """

    def __init__(
        self, ledger: Ledger, notify: Notify, errors: ErrorTable, max_debugger_entries: int
    ) -> None:
        self.by_sid: dict[str, WebhookRequest] = {}
        self.debugger: deque[DebuggerEntry] = deque(maxlen=max_debugger_entries)
        self._ledger = ledger
        self._notify = notify
        self._errors = errors

    def load(self, request: WebhookRequest) -> None:
        """Take in a stored record."""
        self.by_sid[request.sid] = request

    def resume(self) -> None:
        """Hand out again what an earlier run still owed."""
        for request in list(self.by_sid.values()):
            self._notify(request)

    def owe(
        self,
        account_sid: str,
        resource_sid: str,
        url: str,
        method: str,
        parameters: tuple[tuple[str, str], ...],
    ) -> None:
        """Enter a webhook; the ledger's ``commit`` hands it out."""
        request = WebhookRequest(
            sid=self._ledger.sids.idempotency_token(),
            account_sid=account_sid,
            resource_sid=resource_sid,
            url=url,
            method=method,
            parameters=parameters,
            created_ms=self._ledger.queue.now_ms,
            sequence=self._ledger.next_sequence(),
        )
        self._ledger.add(request, self.load)
        self._ledger.after_commit(self._notify, request)

    def settle(self, request: WebhookRequest, trouble: str | None = None) -> None:
        """Forget a webhook: delivered (no trouble), or given up, which the debugger log shows."""
        if self.by_sid.pop(request.sid, None) is None:
            return
        self._ledger.remove(request)
        if trouble is not None:
            entry = self._errors["callback_failed"]
            self.debugger.append(
                DebuggerEntry(
                    at_ms=self._ledger.queue.now_ms,
                    account_sid=request.account_sid,
                    resource_sid=request.resource_sid,
                    error_code=entry.code,
                    message=entry.message,
                    detail=trouble,
                    url=request.url,
                )
            )
        self._ledger.commit()
