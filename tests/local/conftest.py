"""Parts of the laptop platform that several tests share: one authority, one in-memory Azurite for the whole run."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from local.azurite import RunningAzurite
from local.tls import Authority, make_authority


@pytest.fixture(scope="session")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return make_authority(tmp_path_factory.mktemp("tls"))


@pytest.fixture(scope="session")
def azurite() -> Iterator[RunningAzurite]:
    with RunningAzurite() as running:
        yield running


@pytest.fixture
def logs(tmp_path: Path) -> Path:
    return tmp_path / "logs"
