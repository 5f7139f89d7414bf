"""SECURITY.md: each promise names a test that is there."""

import importlib

import pytest

from tests.docs import pages

PROMISES = pages.table("SECURITY.md", "promise", "test")


@pytest.mark.parametrize("row", PROMISES, ids=lambda row: row[0])
def test_each_promise_names_a_test_that_exists(row: list[str]) -> None:
    (test,) = pages.code_spans(row[1])
    file, _, name = test.partition("::")
    module = importlib.import_module(file.removesuffix(".py").replace("/", "."))
    assert callable(getattr(module, name))
