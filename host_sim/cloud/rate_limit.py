"""An optional limit on requests per account: a token bucket, answered with 429 when empty."""

from ip_commands.host_sim.cloud.error_codes import ApiError


class RateLimit:
    """Allow ``per_second`` requests on average and ``burst`` at once, for each account."""

    def __init__(self, per_second: float, burst: int | None = None) -> None:
        if per_second <= 0:
            raise ValueError(f"rate limit {per_second}: give requests per second above 0")
        self._per_second = per_second
        self._burst = burst if burst is not None else max(1, int(per_second))
        self._left: dict[str, tuple[float, float]] = {}

    def take(self, account_sid: str, now_s: float) -> None:
        """Count one request at loop time ``now_s``. Raises ApiError (429) when none is left."""
        left, since_s = self._left.get(account_sid, (float(self._burst), now_s))
        left = min(float(self._burst), left + (now_s - since_s) * self._per_second)
        if left < 1:
            self._left[account_sid] = (left, now_s)
            raise ApiError("too_many_requests")
        self._left[account_sid] = (left - 1, now_s)
