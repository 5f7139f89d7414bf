"""String identifiers: two letters and 32 hexadecimal digits, the same for the same seed."""

import hashlib
import re
import uuid

SID = re.compile(r"[A-Z]{2}[0-9a-fA-F]{32}")


def is_sid(text: str, prefix: str) -> bool:
    """Return whether ``text`` has the form of a SID of this kind."""
    return text.startswith(prefix) and SID.fullmatch(text) is not None


class SidMaker:
    """Draw identifiers and secrets from a seed.

    ``start`` counts how often a stored cloud was opened: a restart with the same seed must not
    draw the same identifiers again.
    """

    def __init__(self, seed: int | str, start: int = 0) -> None:
        self._key = hashlib.sha256(f"{seed}/{start}".encode()).digest()
        self._drawn: dict[str, int] = {}

    def _digest(self, kind: str, size: int) -> bytes:
        drawn = self._drawn.get(kind, 0)
        self._drawn[kind] = drawn + 1
        return hashlib.blake2b(f"{kind}{drawn}".encode(), key=self._key, digest_size=size).digest()

    def sid(self, prefix: str) -> str:
        """Return a new SID, e.g. ``HG`` + 32 hexadecimal digits."""
        return prefix + self._digest(prefix, 16).hex()

    def secret(self, kind: str) -> str:
        """Return 32 hexadecimal digits nobody can guess who does not know the seed."""
        return self._digest(kind + " secret", 16).hex()

    def idempotency_token(self) -> str:
        """Return a new UUID in text form."""
        return str(uuid.UUID(bytes=self._digest("uuid", 16), version=4))

    def delay_ms(self, least_ms: int, most_ms: int) -> int:
        """Return a delay between the two, both included."""
        drawn = int.from_bytes(self._digest("delay", 8), "big")
        return least_ms + drawn % (most_ms - least_ms + 1)
