"""One in-memory Azurite for the triggers."""

from collections.abc import Iterator

import pytest

from local.azurite import RunningAzurite


@pytest.fixture(scope="session")
def azurite() -> Iterator[RunningAzurite]:
    with RunningAzurite() as running:
        yield running
