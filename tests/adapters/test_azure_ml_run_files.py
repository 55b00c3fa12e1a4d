"""Small files of runs: read whole or not at all, as they are stored, from hosts that settings name."""

from collections.abc import Iterator

import pytest

from shared.domain.errors import Unreadable
from shared.domain.results_file import LARGEST_FILE
from tests.emulated import Estate, clean, emulated

PATH = "evaluation/results.json"


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Estate]:
    with emulated(tmp_path_factory.mktemp("azure-ml")) as estate:
        yield estate


@pytest.fixture
def estate(running: Estate) -> Iterator[Estate]:
    yield running
    clean(running)


def with_file(estate: Estate, content: bytes, path: str = PATH) -> str:
    run = estate.log_run()
    estate.put_file(run, path, content)
    estate.forget_calls()
    return run


def test_several_files_cost_one_sas(estate: Estate) -> None:
    run = with_file(estate, b'{"auc": 0.9}')
    estate.put_file(run, "scans/modelscan.json", b"{}")
    estate.forget_calls()
    found = estate.catalog.read_files("risk-dev", run, [PATH, "scans/modelscan.json", "not/there.json"])
    assert {path: file.content for path, file in found.items()} == {
        PATH: b'{"auc": 0.9}',
        "scans/modelscan.json": b"{}",
    }
    assert [call.split("/")[1] for call in estate.calls()] == ["workspaces", "workspaces", "blob", "blob", "blob"]


@pytest.mark.parametrize("size", [0, 1, LARGEST_FILE])
def test_a_file_of_at_most_a_mebibyte_is_read_whole(estate: Estate, size: int) -> None:
    run = with_file(estate, b"x" * size)
    file = estate.catalog.read_files("risk-dev", run, [PATH])[PATH]
    assert (file.size, len(file.content or b"")) == (size, size)


@pytest.mark.parametrize("size", [LARGEST_FILE + 1, 10_000_000])
def test_a_larger_file_is_told_by_its_size_alone(estate: Estate, size: int) -> None:
    run = with_file(estate, b"x" * size)
    file = estate.catalog.read_files("risk-dev", run, [PATH])[PATH]
    assert (file.run, file.path, file.size, file.content) == (run, PATH, size, None)
    assert len(estate.calls()) == 3


@pytest.mark.parametrize("run", ["../../other", "a/b", ""])
def test_what_cannot_be_a_run_has_no_files_and_is_not_asked_for(estate: Estate, run: str) -> None:
    assert estate.catalog.read_files("risk-dev", run, [PATH]) == {}
    assert estate.calls() == []


@pytest.mark.parametrize("hosts", [(), ("elsewhere.test",)])
def test_on_a_host_that_is_not_configured_nothing_is_read_nor_a_sas_asked_for(
    estate: Estate, hosts: tuple[str, ...]
) -> None:
    run = with_file(estate, b"{}")
    with pytest.raises(Unreadable) as trouble:
        estate.with_settings(artifact_hosts=hosts).catalog.read_files("risk-dev", run, [PATH])
    assert trouble.value.code == "artifact_host_not_configured"
    assert not [call for call in estate.calls() if "listSecrets" in call or "/blob" in call]


@pytest.mark.parametrize(("operation", "code"), [("blob", 403), ("blob", 503), ("workspace_read", 503)])
def test_a_file_that_cannot_be_read_now_is_not_absent(estate: Estate, operation: str, code: int) -> None:
    run = with_file(estate, b"{}")
    estate.fault("status", operation, code=code, times=-1)
    with pytest.raises(Unreadable):
        estate.catalog.read_files("risk-dev", run, [PATH])
