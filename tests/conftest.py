"""What holds for every test."""

import os
from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, settings

# No test is timed: a busy machine would decide what is true.
settings.register_profile("clearance", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("clearance")


@pytest.fixture(scope="module", autouse=True)
def _no_cloud_of_another_file() -> Iterator[None]:
    """An SDK client names its cloud for the whole process: an emulator's name must not reach the next file's processes."""
    os.environ.pop("AZUREML_CURRENT_CLOUD", None)
    yield
    os.environ.pop("AZUREML_CURRENT_CLOUD", None)
