"""The package as it would be published, built once per run of these tests."""

from pathlib import Path

import pytest

from tests.package import build_and_look


@pytest.fixture(scope="session")
def built(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """Return the wheel and the source archive."""
    return build_and_look.build(tmp_path_factory.mktemp("dist"))


@pytest.fixture(scope="session")
def wheel(built: tuple[Path, Path]) -> Path:
    return built[0]


@pytest.fixture(scope="session")
def source(built: tuple[Path, Path]) -> Path:
    return built[1]
