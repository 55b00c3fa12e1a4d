"""The emulator as a process: ready line, persistence, faults of its configuration."""

import json
import subprocess
import sys
from pathlib import Path

import pytest
from azure.ai.ml.entities import Model

from local.azure_ml.client import Emulator, cloud_metadata, cloud_name
from local.azure_ml.config import ConfigError, EmulatorConfig, Registry, Workspace, load_config
from local.azure_ml.server import Running, running_emulator
from local.processes import Children
from local.readiness import ready_line
from tests.local.azure_ml.conftest import RISK, SHARED, Sdk, folder_with, trust


def write_config(path: Path) -> Path:
    workspace = {"name": RISK.name, "resource_group": RISK.resource_group}
    path.write_text(json.dumps({"workspaces": [workspace], "registries": [{"name": SHARED.name}]}))
    return path


def test_a_stopped_process_goes_on_where_it_was(tmp_path: Path) -> None:
    argv: list[str | Path] = [sys.executable, "-m", "local.azure_ml", "--dir", tmp_path / "state"]
    argv += ["--config", write_config(tmp_path / "emulator.json")]
    with Children(tmp_path / "logs") as children:
        first = children.start("azure-ml", argv, ready=ready_line)
        assert first.ready["cloud_metadata"] == cloud_metadata(first.ready["port"])
        assert first.ready["cloud"] == cloud_name(first.ready["port"])
        with Emulator(first.ready["url"], Path(first.ready["ca_bundle"])) as control:
            control.models("register", "kept", "1", "2", workspace=RISK.name)
        assert first.stop() == 0
        second = children.start("azure-ml", argv, ready=ready_line)
        with Emulator(second.ready["url"], Path(second.ready["ca_bundle"])) as control:
            found = control.models("change", "kept", "1", "2", workspace=RISK.name)
            assert [model["name"] for model in found] == ["1", "2"]
            assert {workspace["name"] for workspace in control.health()["workspaces"]} == {RISK.name}


@pytest.mark.filterwarnings("ignore:The use of a 'BlobProperties' instance")
@pytest.mark.filterwarnings("ignore:content_as_bytes is deprecated")
def test_everything_survives_a_restart_on_another_port(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    config = EmulatorConfig((RISK,), (SHARED,))
    with running_emulator(config, tmp_path / "state") as running:
        trust(monkeypatch, running)
        client = Sdk(running).workspace()
        folder = folder_with(tmp_path / "net", a__txt="alpha")
        client.models.create_or_update(Model(name="kept", version="1", path=str(folder), tags={"a": "1"}))
        client.models.share("kept", "1", share_with_name="kept", share_with_version="1", registry_name=SHARED.name)
        before = client.models.get("kept", "1")
    with running_emulator(config, tmp_path / "state") as again:
        trust(monkeypatch, again)
        assert _same(Sdk(again).workspace().models.get("kept", "1"), before)
        Sdk(again).registry().models.download("kept", "1", str(tmp_path / "down"))
        assert again.control.imports()[f"{SHARED.name}:kept:1"]["effective"] == 1
    assert (tmp_path / "down" / "kept" / "net" / "a.txt").read_text() == "alpha"


def _same(left: Model, right: Model) -> bool:
    made = [model.creation_context and model.creation_context.created_at for model in (left, right)]
    return made[0] == made[1] and (left.id, left.tags, left.path) == (right.id, right.tags, right.path)


def test_nothing_is_kept_when_told_so(tmp_path: Path) -> None:
    config = EmulatorConfig((RISK,), persist=False)
    with running_emulator(config, tmp_path) as running:
        running.control.models("register", "gone", "1", workspace=RISK.name)
    assert not (tmp_path / "state.json").exists()


def test_every_fault_of_a_configuration_is_named(tmp_path: Path) -> None:
    path = tmp_path / "bad.json"
    path.write_text(json.dumps({"workspaces": [{"name": "w"}], "behaviour": {"page_size": 0}, "colour": 1}))
    with pytest.raises(ConfigError) as caught:
        load_config(path)
    for word in ("workspaces.0.resource_group", "behaviour.page_size", "colour"):
        assert word in str(caught.value)


def test_a_fault_ends_the_process_with_a_sentence(tmp_path: Path) -> None:
    argv = [sys.executable, "-m", "local.azure_ml", "--dir", str(tmp_path), "--config", str(tmp_path / "none.json")]
    ended = subprocess.run(argv, capture_output=True, text=True, check=False)
    assert ended.returncode == 2
    assert "cannot be read" in ended.stderr
    assert "Traceback" not in ended.stderr


def test_a_state_that_is_none_is_refused(tmp_path: Path) -> None:
    (tmp_path / "state.json").write_text('{"workspaces": 3}')
    with (
        pytest.raises(ConfigError, match="is no state of this emulator"),
        running_emulator(EmulatorConfig((RISK,)), tmp_path),
    ):
        pass


def test_a_workspace_and_a_registry_have_their_identity_without_being_told() -> None:
    workspace = Workspace("risk-dev", "rg-risk")
    assert workspace.guid == Workspace("risk-dev", "rg-risk").guid
    assert workspace.guid != Workspace("risk-dev", "rg-other").guid
    assert Registry("r").resource_group == "registries"


def test_two_emulators_run_side_by_side(emulator: Running, tmp_path: Path) -> None:
    with running_emulator(EmulatorConfig((RISK,)), tmp_path) as other:
        assert other.port != emulator.port
        assert other.cloud != emulator.cloud
