"""What is measured on: Azurite in memory, the Azure ML emulator and the token issuer as processes, the app in this one."""

import json
import os
import secrets
import sys
import tempfile
from base64 import b64encode
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import RootModel

from local.azure_ml.client import Emulator, cloud_metadata, cloud_name
from local.azure_ml.config import Behaviour, EmulatorConfig, Registry, Workspace
from local.azurite import AzuritePorts, start_azurite
from local.processes import Children
from local.readiness import ready_line
from local.tls import Authority, make_authority
from local.token_issuer import read_people
from shared import bootstrap
from shared.adapters.round_trips import RoundTrips
from shared.settings import Settings
from shared.workflow.governed_from import governed_from
from shared.workflow.outside import Outside

ROOT = Path(__file__).parents[2]
ALIAS = "risk-dev"
WORKSPACE = Workspace("mlw-risk-dev-weu", "rg-risk-dev")
REGISTRIES = (Registry("contoso-shared"), Registry("contoso-eu", region="northeurope"))
SENDER = "bench"
APPROVERS = ("amir.approver", "rosa.risk")
_INSIGHTS = "APPLICATIONINSIGHTS_CONNECTION_STRING"


@dataclass(frozen=True, slots=True)
class Laboratory:
    """A running platform.

    Attributes:
        settings: the app's, as in a deployment.
        outside: the app's ports.
        round_trips: counts what their clients send.
        emulator: control client of the Azure ML emulator.
        emulator_url: where it listens.
        ca_bundle: PEM file of its authority.
        webhook_key: signs decisions.
        telemetry_url: where what the app told Application Insights is looked at; empty where it tells nobody.
    """

    settings: Settings
    outside: Outside
    round_trips: RoundTrips
    emulator: Emulator
    emulator_url: str
    ca_bundle: Path
    webhook_key: bytes
    telemetry_url: str = ""

    @property
    def connection_string(self) -> str:
        """Of the storage account."""
        assert self.settings.storage.connection_string is not None
        return self.settings.storage.connection_string


@contextmanager
def laboratory(round_trips: RoundTrips, *, watched: bool = False) -> Iterator[Laboratory]:
    """Run a platform for the length of the block. It changes this process's environment, as a deployment is told things.

    Args:
        round_trips: counts what the app's clients send.
        watched: whether the app tells an Application Insights component what it does, which costs time.

    Raises:
        ChildFailed, AzuriteMissing: a service does not start.
    """
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="bench-")))
        children = stack.enter_context(Children(folder))
        authority = make_authority(folder / "tls")
        ports = AzuritePorts.free()
        start_azurite(children, ports)
        url = _start_emulator(children, folder, authority)
        key = secrets.token_bytes(32)
        issuer = _start_identity(children, authority)
        os.environ.update(issuer.environment)
        told = _settings(ports.connection_string, url, key)
        insights = _start_insights(children, authority, issuer.jwks_uri) if watched else {}
        told |= {_INSIGHTS: insights["connection_string"]} if insights else {}
        settings = Settings.from_mapping({**os.environ, **told})
        emulator = stack.enter_context(Emulator(url, authority.ca_bundle))
        outside = bootstrap.build(settings, round_trips)
        governed_from(
            outside, ALIAS
        )  # the first start, as a timer makes it: what is registered from now on is governed
        told_to = str(insights.get("telemetry", ""))
        yield Laboratory(settings, outside, round_trips, emulator, url, authority.ca_bundle, key, told_to)


def _start_emulator(children: Children, folder: Path, authority: Authority) -> str:
    behaviour = Behaviour(import_seconds=0, retry_after=0.01)
    config = EmulatorConfig((WORKSPACE,), REGISTRIES, behaviour=behaviour, persist=False)
    file = folder / "azure-ml.json"
    file.write_text(RootModel[EmulatorConfig](config).model_dump_json(), "utf-8")
    words = ("--dir", folder / "azure-ml", "--config", file, "--ca", authority.folder)
    command: list[str | Path] = [sys.executable, "-m", "local.azure_ml", *words]
    return str(children.start("azure-ml", command, ready=ready_line, cwd=ROOT).ready["url"])


@dataclass(frozen=True, slots=True)
class _Issuer:
    """Where tokens come from: what a process is told to ask for them, and where the keys are that signed them."""

    environment: dict[str, str]
    jwks_uri: str


def _start_identity(children: Children, authority: Authority) -> _Issuer:
    header = secrets.token_urlsafe(24)
    command: list[str | Path] = [sys.executable, "-m", "local.token_issuer", "--tls", authority.folder]
    environment = {**os.environ, "IDENTITY_HEADER": header}
    child = children.start("token-issuer", command, ready=ready_line, env=environment, cwd=ROOT)
    told = {
        "IDENTITY_ENDPOINT": str(child.ready["identity_endpoint"]),
        "IDENTITY_HEADER": header,
        "REQUESTS_CA_BUNDLE": str(authority.ca_bundle),
        "NO_PROXY": "127.0.0.1",
    }
    return _Issuer(told, str(child.ready["jwks_uri"]))


def _start_insights(children: Children, authority: Authority, jwks_uri: str) -> dict[str, Any]:
    # In ms, longer than any run: readings are told when they are asked for, and not in between.
    os.environ["OTEL_METRIC_EXPORT_INTERVAL"] = "3600000"
    command: list[str | Path] = [sys.executable, "-m", "local.app_insights", "--tls", authority.folder]
    command += ["--jwks", jwks_uri]
    return dict(children.start("app-insights", command, ready=ready_line, cwd=ROOT).ready)


def _settings(connection_string: str, emulator: str, webhook_key: bytes) -> dict[str, str]:
    host, port = emulator.removeprefix("https://"), int(emulator.rpartition(":")[2])
    sender = {"keys": [f"whsec_{b64encode(webhook_key).decode()}"], "people": list(APPROVERS)}
    people = read_people()
    return {
        "AzureWebJobsStorage": connection_string,
        "CLEARANCE_WORKSPACES": json.dumps({ALIAS: WORKSPACE.arm_id}),
        "CLEARANCE_REGISTRIES": json.dumps([registry.name for registry in REGISTRIES]),
        "CLEARANCE_CLOUD": json.dumps({"name": cloud_name(port), "metadata": cloud_metadata(port)}),
        "CLEARANCE_TRACKING_HOSTS": json.dumps({ALIAS: host}),
        "CLEARANCE_TRUSTED_HOSTS": "[]",
        "CLEARANCE_ARTIFACT_HOSTS": json.dumps([host]),
        "CLEARANCE_SENDERS": json.dumps({SENDER: sender}),
        "CLEARANCE_PUBLIC_URL": "http://127.0.0.1:7071",
        "CLEARANCE_TENANT_ID": people.tenant_id,
        "CLEARANCE_POLICIES": str(ROOT / "policies"),
        "AZURE_CLIENT_ID": people.managed_identity.client_id,
        "POLICY_BUILD": "1",
    }
