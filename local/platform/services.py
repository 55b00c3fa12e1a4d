"""The services around the app, each a process: storage, token issuer, Azure ML emulator, event topic, Application Insights."""

import json
import os
import sys
from dataclasses import dataclass
from pathlib import Path

import httpx

from local.azurite import AzuritePorts, start_azurite
from local.platform.estate import emulator_config
from local.platform.estate_roles import COMPONENT_KEY
from local.platform.storage import make_storage
from local.processes import Child, Children
from local.readiness import ready_line
from local.tls import Authority

ROOT = Path(__file__).parents[2]


@dataclass(frozen=True, slots=True)
class Services:
    """Where the services listen.

    Attributes:
        connection_string: of the storage account.
        emulator: URL of the Azure ML emulator.
        topic_endpoint: where events are published.
        topic: where the topic is looked into.
        telemetry_connection: connection string of Application Insights.
        telemetry: where what it took is looked at.
        identity_endpoint: value of `IDENTITY_ENDPOINT`.
        issuer: as tokens spell it.
        jwks_uri: where its keys are.
        tokens: where it hands out tokens for people.
    """

    connection_string: str
    emulator: str
    topic_endpoint: str
    topic: str
    telemetry_connection: str
    telemetry: str
    identity_endpoint: str
    issuer: str
    jwks_uri: str
    tokens: str


def start_services(
    children: Children, folder: Path, authority: Authority, identity_header: str, *, persist: bool, access_log: bool
) -> Services:
    """Start all services among `children` and wait until they are ready.

    Args:
        children: stops them.
        folder: what they keep and the files they are configured by.
        authority: signs their certificates.
        identity_header: what callers of the identity endpoint must repeat.
        persist: keep storage and models in the folder; otherwise they are gone at the stop.
        access_log: let storage log each request.

    Raises:
        ChildFailed: one of them did not start.
        AzuriteMissing: Azurite is not installed.
    """
    ports = AzuritePorts.free()
    start_azurite(children, ports, folder / "azurite" if persist else None, access_log=access_log)
    make_storage(ports.connection_string)
    issuer = _start_issuer(children, authority, identity_header).ready
    keys = _write_keys(folder / "jwks.json", str(issuer["jwks_uri"]), authority)
    emulator = _start_emulator(
        children, folder, authority, emulator_config(ports.connection_string, keys, persist=persist)
    )
    topic = _start_topic(children, authority, str(issuer["jwks_uri"])).ready
    insights = _start_app_insights(children, authority, str(issuer["jwks_uri"])).ready
    return Services(
        ports.connection_string,
        str(emulator.ready["url"]),
        str(topic["endpoint"]),
        str(topic["admin"]),
        str(insights["connection_string"]),
        str(insights["telemetry"]),
        str(issuer["identity_endpoint"]),
        str(issuer["issuer"]),
        str(issuer["jwks_uri"]),
        str(issuer["tokens_url"]),
    )


def module(name: str, *arguments: str | Path) -> list[str | Path]:
    """The command that runs a module of `local` with this interpreter."""
    return [sys.executable, "-m", name, *arguments]


def _start_issuer(children: Children, authority: Authority, identity_header: str) -> Child:
    environment = {**os.environ, "IDENTITY_HEADER": identity_header}
    command = module("local.token_issuer", "--tls", authority.folder)
    return children.start("token-issuer", command, ready=ready_line, env=environment, cwd=ROOT)


def _write_keys(path: Path, jwks_uri: str, authority: Authority) -> Path:
    """Keep the issuer's keys where the emulator reads them; it reads them again when the file changes."""
    with httpx.Client(verify=authority.client_context(), trust_env=False) as client:
        path.write_text(client.get(jwks_uri).raise_for_status().text, "utf-8")
    return path.resolve()


def _start_emulator(children: Children, folder: Path, authority: Authority, config: dict[str, object]) -> Child:
    path = folder / "azure-ml.json"
    path.touch(mode=0o600)  # it holds the storage account's key
    path.write_text(json.dumps(config, indent=2), "utf-8")
    place = folder / "azure-ml"
    command = module("local.azure_ml", "--dir", place, "--config", path, "--ca", authority.folder)
    return children.start("azure-ml", command, ready=ready_line, cwd=ROOT)


def _start_topic(children: Children, authority: Authority, jwks_uri: str) -> Child:
    command = module("local.event_topic", "--tls", authority.folder, "--jwks", jwks_uri)
    return children.start("event-topic", command, ready=ready_line, cwd=ROOT)


def _start_app_insights(children: Children, authority: Authority, jwks_uri: str) -> Child:
    command = module("local.app_insights", "--key", COMPONENT_KEY, "--tls", authority.folder, "--jwks", jwks_uri)
    return children.start("app-insights", command, ready=ready_line, cwd=ROOT)
