"""Fixtures of the cloud's tests."""

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from tests.cloud.cloud_under_test import CloudUnderTest


@pytest.fixture(autouse=True)
def _no_twilio_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    # the official clients would rewrite a numeric host with these
    for name in ("TWILIO_EDGE", "TWILIO_REGION", "TWILIO_ACCOUNT_SID", "TWILIO_AUTH_TOKEN"):
        monkeypatch.delenv(name, raising=False)


@pytest_asyncio.fixture
async def cloud() -> AsyncIterator[CloudUnderTest]:
    async with CloudUnderTest() as running:
        yield running
