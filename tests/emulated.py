"""The Azure ML emulator as the adapters are pointed at it: one workspace, two registries, TLS, opaque tokens."""

import gc
import ssl
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from contextlib import closing as _closed
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import httpx
import pytest
from azure.core.credentials import AccessToken

from local.azure_ml.asset_ids import run_prefix
from local.azure_ml.config import Behaviour, EmulatorConfig, Registry, Workspace
from local.azure_ml.server import Running, running_emulator
from shared.adapters.azure_ml_catalog import AzureMLCatalog
from shared.adapters.azure_ml_registry import AzureMLRegistry
from shared.adapters.azure_ml_settings import AzureMLSettings, Cloud, WorkspacePlace

_PROXY = "mlflow-artifacts/artifacts"
RISK = Workspace("risk-dev", "rg-risk")
CONFIG = EmulatorConfig(
    workspaces=(RISK,),
    registries=(Registry("contoso-shared"), Registry("contoso-eu", region="northeurope")),
    behaviour=Behaviour(import_seconds=0.02, retry_after=0.02, page_size=3),
    persist=False,
)


@dataclass(frozen=True, slots=True)
class Bearer:
    """A credential that gives the same token for every audience, and notes which were asked for."""

    token: str = "opaque"
    scopes: list[str] = field(default_factory=list)

    def get_token(self, *scopes: str, **_options: Any) -> AccessToken:
        self.scopes.extend(scopes)
        return AccessToken(self.token, 4102444800)


@dataclass(frozen=True, slots=True)
class Estate:
    """A running emulator, and the adapters under test on it."""

    running: Running
    settings: AzureMLSettings
    closing: ExitStack

    @property
    def catalog(self) -> AzureMLCatalog:
        return self.closing.enter_context(_closed(AzureMLCatalog(self.settings, Bearer())))

    @property
    def registry(self) -> AzureMLRegistry:
        return self.closing.enter_context(_closed(AzureMLRegistry(self.settings, Bearer())))

    def with_settings(self, **changes: Any) -> "Estate":
        return replace(self, settings=replace(self.settings, **changes))

    def register(self, name: str, version: str = "1", **fields: Any) -> None:
        self.running.control.models("register", name, version, workspace=RISK.name, **fields)

    def log_run(self, **told: Any) -> str:
        """Log a run as MLflow's client does, over REST; returns its id.

        Args:
            told: `metrics` (a value, or a list of them), `tags` (by key), `status` (none leaves it running), `datasets` (digests), `end_time`.
        """
        with self._mlflow() as send:
            tags = [{"key": key, "value": value} for key, value in told.get("tags", {}).items()]
            run = str(send("create", {"tags": tags})["run"]["info"]["run_id"])
            for key, values in told.get("metrics", {}).items():
                for step, value in enumerate(values if isinstance(values, list) else [values]):
                    send("log-metric", {"run_id": run, "key": key, "value": value, "timestamp": 1, "step": step})
            inputs = [{"dataset": {"name": "eval", "digest": digest}} for digest in told.get("datasets", ())]
            if inputs:
                send("log-inputs", {"run_id": run, "datasets": inputs})
            if "status" in told:
                send("update", {"run_id": run, "status": told["status"], "end_time": told.get("end_time", 1)})
        return run

    def log_values(self, run: str, metric: str, values: list[float]) -> None:
        """Log many values of one metric at once."""
        logged = [{"key": metric, "value": value, "timestamp": 1, "step": step} for step, value in enumerate(values)]
        with self._mlflow() as send:
            send("log-batch", {"run_id": run, "metrics": logged})

    def put_file(self, run: str, path: str, content: bytes) -> None:
        """Put a file among the artifacts of a run."""
        with self._client() as client:
            client.put(f"{_PROXY}/{run_prefix(run)}/{path}", content=content).raise_for_status()

    @contextmanager
    def _mlflow(self) -> Iterator[Callable[[str, dict[str, Any]], Any]]:
        with self._client() as client:
            yield lambda route, body: client.post(f"mlflow/runs/{route}", json=body).raise_for_status().json()

    def _client(self) -> httpx.Client:
        root = f"{self.running.url}/mlflow/v2.0{RISK.arm_id}/api/2.0/"
        context = ssl.create_default_context(cafile=str(self.running.ca_bundle))
        headers = {"authorization": "Bearer opaque"}
        return httpx.Client(base_url=root, verify=context, headers=headers, trust_env=False)

    def put_in(self, registry: str, name: str, version: str = "1", **fields: Any) -> None:
        self.running.control.models("register", name, version, registry=registry, event=False, **fields)

    def fault(self, action: str, operation: str, **rule: Any) -> None:
        self.running.control.add_faults({"action": action, "match": {"operation": operation}, **rule})

    def calls(self) -> list[str]:
        """Every call since the last `forget_calls`, as method and the end of its route."""
        return [f"{call['method']} {_route(call['template'])}" for call in self.running.control.calls()]

    def forget_calls(self) -> None:
        self.running.control.clear_calls()


def _route(template: str) -> str:
    return template.rpartition("Microsoft.MachineLearningServices")[2] or template


@contextmanager
def emulated(folder: Path) -> Iterator[Estate]:
    """Run an emulator, and trust its CA in this process, for the length of the block."""
    with running_emulator(CONFIG, folder) as running, pytest.MonkeyPatch.context() as environment:
        environment.setenv("REQUESTS_CA_BUNDLE", str(running.ca_bundle))
        # Each MLClient sets it, and the import of azure.ai.ml reads it: absent now, and put back afterwards.
        environment.setenv("AZUREML_CURRENT_CLOUD", running.cloud)
        environment.delenv("AZUREML_CURRENT_CLOUD")
        with ExitStack() as closing:
            yield Estate(running, settings_for(running), closing)
        gc.collect()  # `share` leaves clients of its own behind, with connections that the server would wait for


def settings_for(running: Running) -> AzureMLSettings:
    """The settings that point the adapters at an emulator."""
    host = running.url.removeprefix("https://")
    return AzureMLSettings(
        workspaces={"risk-dev": WorkspacePlace(RISK.subscription_id, RISK.resource_group, RISK.name, host)},
        registries=("contoso-shared", "contoso-eu"),
        cloud=Cloud.from_metadata(running.cloud, running.cloud_metadata),
        trusted_hosts=(),
        artifact_hosts=(host,),
        timeout=5.0,
    )


def clean(estate: Estate) -> None:
    """Leave the emulator without faults, logged calls and changed switches for the next test."""
    estate.running.control.clear_faults()
    estate.running.control.clear_calls()
    switches = CONFIG.behaviour
    estate.running.control.set_behaviour(
        import_seconds=switches.import_seconds,
        import_final_body=switches.import_final_body,
        import_conflict=switches.import_conflict,
        import_keeps=list(switches.import_keeps),
    )
