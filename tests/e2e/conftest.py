"""One platform for each module of tests: real processes on free ports, nothing kept, nothing left running."""

from collections.abc import Iterator

import pytest

from local.platform import Platform


@pytest.fixture(scope="module")
def platform() -> Iterator[Platform]:
    with Platform() as running:
        yield running
