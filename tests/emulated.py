"""The Azure ML emulator as the adapters are pointed at it: one workspace, two registries, TLS, opaque tokens."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pytest
from azure.core.credentials import AccessToken

from local.azure_ml.config import Behaviour, EmulatorConfig, Registry, Workspace
from local.azure_ml.server import Running, running_emulator
from shared.adapters.azure_ml_catalog import AzureMLCatalog
from shared.adapters.azure_ml_registry import AzureMLRegistry
from shared.adapters.azure_ml_settings import AzureMLSettings, Cloud, WorkspacePlace

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

    @property
    def catalog(self) -> AzureMLCatalog:
        return AzureMLCatalog(self.settings, Bearer())

    @property
    def registry(self) -> AzureMLRegistry:
        return AzureMLRegistry(self.settings, Bearer())

    def with_settings(self, **changes: Any) -> "Estate":
        return replace(self, settings=replace(self.settings, **changes))

    def register(self, name: str, version: str = "1", **fields: Any) -> None:
        self.running.control.models("register", name, version, workspace=RISK.name, **fields)

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
        yield Estate(running, settings_for(running))


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
