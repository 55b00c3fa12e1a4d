"""One Azurite in memory for the whole run, and the stores of each test: once in memory, once on Azurite."""

from collections.abc import Iterator

import pytest

from local.azurite import RunningAzurite
from tests.contract.stores import Stores, in_memory, on_storage, unique_prefix


@pytest.fixture(scope="session")
def azurite() -> Iterator[RunningAzurite]:
    with RunningAzurite() as running:
        yield running


@pytest.fixture(params=["memory", "azurite"])
def stores(request: pytest.FixtureRequest) -> Stores:
    """A test that asks for this runs twice, on empty stores."""
    if request.param == "memory":
        return in_memory()
    running: RunningAzurite = request.getfixturevalue("azurite")
    return on_storage(running.connection_string, unique_prefix())
