"""One emulator for all tests of this folder, reached by the real clients over TLS."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from azure.ai.ml import MLClient
from azure.core.credentials import AccessToken

from local.azure_ml.config import Behaviour, EmulatorConfig, Registry, Workspace
from local.azure_ml.server import Running, running_emulator

RISK = Workspace("risk-dev", "rg-risk", region="westeurope")
VISION = Workspace("vision-dev", "rg-vision", region="northeurope")
SHARED = Registry("contoso-shared")
EU = Registry("contoso-eu", region="northeurope")
CONFIG = EmulatorConfig(
    workspaces=(RISK, VISION),
    registries=(SHARED, EU),
    behaviour=Behaviour(import_seconds=0.02, retry_after=0.02, page_size=3),
)


@dataclass(frozen=True, slots=True)
class Bearer:
    """A credential that always gives the same token."""

    token: str = "opaque"

    def get_token(self, *_scopes: str, **_options: object) -> AccessToken:
        return AccessToken(self.token, 4102444800)


@dataclass(frozen=True, slots=True)
class Sdk:
    """Real SDK clients for one emulator; a fresh one each time, for `share` leaves traces in the one it ran on."""

    emulator: Running

    def workspace(self, workspace: Workspace = RISK, token: str = "opaque") -> MLClient:
        return MLClient(
            Bearer(token),
            workspace.subscription_id,
            workspace.resource_group,
            workspace.name,
            cloud=self.emulator.cloud,
            cloud_metadata=self.emulator.cloud_metadata,
            enable_telemetry=False,
            show_progress=False,
        )

    def registry(self, registry: Registry = SHARED, token: str = "opaque") -> MLClient:
        return MLClient(
            Bearer(token),
            registry_name=registry.name,
            cloud=self.emulator.cloud,
            cloud_metadata=self.emulator.cloud_metadata,
            enable_telemetry=False,
            show_progress=False,
        )


@pytest.fixture(scope="session")
def emulator(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    with running_emulator(CONFIG, tmp_path_factory.mktemp("emulator")) as running:
        yield running


@pytest.fixture(scope="session")
def sdk(emulator: Running) -> Sdk:
    return Sdk(emulator)


@pytest.fixture(autouse=True)
def _clean(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Every test that uses the shared emulator trusts its CA, and leaves it without faults and behaving as configured."""
    if "emulator" not in request.fixturenames:
        yield
        return
    running: Running = request.getfixturevalue("emulator")
    trust(monkeypatch, running)
    behaviour = running.control.behaviour()
    yield
    running.control.clear_faults()
    running.control.set_behaviour(**behaviour)


def trust(monkeypatch: pytest.MonkeyPatch, running: Running) -> None:
    """Point the clients of this process at one emulator for one test."""
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(running.ca_bundle))
    monkeypatch.setenv("AZUREML_CURRENT_CLOUD", running.cloud)  # each MLClient sets it: put back what was before
    monkeypatch.setenv("MLFLOW_DISABLE_TELEMETRY", "true")
    monkeypatch.setenv("MLFLOW_TRACKING_TOKEN", "opaque")


def folder_with(root: Path, **files: str) -> Path:
    """A folder of files; two underscores in a name stand for the dot."""
    root.mkdir(parents=True, exist_ok=True)
    for name, text in files.items():
        (root / name.replace("__", ".")).write_text(text)
    return root
