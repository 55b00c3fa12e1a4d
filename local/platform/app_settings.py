"""The app settings with which the Functions app runs here: all that differs from Azure, where infra/ sets the same names."""

import json
import os
import time
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit

from local.azure_ml.client import cloud_metadata, cloud_name
from local.platform.address import Address
from local.platform.estate import ALIAS, REGISTRIES, WORKSPACE
from local.platform.secrets_file import Secrets
from local.token_issuer import read_people

# What a process needs to run at all; everything else the app gets is a setting below.
_INHERITED = ("PATH", "HOME", "LANG", "LC_ALL", "TMPDIR", "TZ", "SYSTEMROOT")

# The protocol's waits, shortened; shared/settings/waits.py names and relates them.
SHORT_WAITS = {
    "CLEARANCE_LEASE_SECONDS": "20",
    "CLEARANCE_LEASE_NEEDED_SECONDS": "16",
    "CLEARANCE_IMPORT_DEADLINE_SECONDS": "15",
    "CLEARANCE_REREAD_MAX_AGE_SECONDS": "10",
    "CLEARANCE_READ_BACK_AGAIN_SECONDS": "20",
    "CLEARANCE_WORK_DUE_SECONDS": "6",
    "CLEARANCE_TOUCH_COVERS_SECONDS": "3",
    "CLEARANCE_BACKOFF_FIRST_SECONDS": "1",
    "CLEARANCE_BACKOFF_LAST_SECONDS": "4",
    "CLEARANCE_RELOOK_SECONDS": "10",
    "CLEARANCE_SETTLED_FOR_SECONDS": "60",
    "CLEARANCE_MISSING_GRACE_SECONDS": "5",
}


@dataclass(frozen=True, slots=True)
class Upstream:
    """What the app is pointed at. `identity_endpoint`, `issuer` and `jwks_uri` are the token issuer's."""

    address: Address
    connection_string: str
    topic_endpoint: str
    telemetry_connection: str
    identity_endpoint: str
    issuer: str
    jwks_uri: str


def app_settings(upstream: Upstream, secrets: Secrets, first_start: str) -> dict[str, str]:
    """The app settings of one platform; `first_start` is the instant since when it governs its workspace."""
    return {
        "FUNCTIONS_WORKER_RUNTIME": "python",
        "AzureWebJobs.model_event_push.Disabled": "true",
        "AzureWebJobsDisableHomepage": "true",
        "AzureWebJobsStorage": upstream.connection_string,
        **_host_overrides(),
        **_places(upstream),
        **_identity(upstream, secrets),
        **_telemetry(upstream),
        **SHORT_WAITS,
        "CLEARANCE_SENDERS": json.dumps(secrets.as_senders_setting()),
        "CLEARANCE_PUBLIC_URL": upstream.address.pages,
        "CLEARANCE_TOPIC_ENDPOINT": upstream.topic_endpoint,
        "CLEARANCE_GOVERNED_FROM": json.dumps({ALIAS: first_start}),
        "POLICY_BUILD": str(int(time.time())),
    }


def environment(settings: Mapping[str, str], changes: Mapping[str, str | None]) -> dict[str, str]:
    """The whole environment of the Functions host: the settings, changed, and what a process needs to run.

    Args:
        settings: from `app_settings`.
        changes: settings to replace or add; None takes one out.
    """
    inherited = {name: os.environ[name] for name in _INHERITED if name in os.environ}
    changed = {**inherited, "NO_PROXY": "127.0.0.1", "PYTHONUNBUFFERED": "1", **settings, **changes}
    return {name: value for name, value in changed.items() if value is not None}


def _host_overrides() -> dict[str, str]:
    queues = "AzureFunctionsJobHost__extensions__queues__"
    return {f"{queues}visibilityTimeout": "00:00:02", f"{queues}maxPollingInterval": "00:00:00.500"}


def _telemetry(upstream: Upstream) -> dict[str, str]:
    """What the exporter of Azure Monitor and the SDK of OpenTelemetry read themselves, in milliseconds, beside our own."""
    return {
        "APPLICATIONINSIGHTS_CONNECTION_STRING": upstream.telemetry_connection,
        "OTEL_METRIC_EXPORT_INTERVAL": "2000",
        "OTEL_BSP_SCHEDULE_DELAY": "500",
    }


def _places(upstream: Upstream) -> dict[str, str]:
    host = urlsplit(upstream.address.emulator)
    cloud = {"name": cloud_name(host.port or 443), "metadata": cloud_metadata(host.port or 443)}
    return {
        "CLEARANCE_WORKSPACES": json.dumps({ALIAS: WORKSPACE.arm_id}),
        "CLEARANCE_REGISTRIES": json.dumps([registry.name for registry in REGISTRIES]),
        "CLEARANCE_CLOUD": json.dumps(cloud),
        "CLEARANCE_TRACKING_HOSTS": json.dumps({ALIAS: host.netloc}),
        "CLEARANCE_TRUSTED_HOSTS": "[]",
        "CLEARANCE_ARTIFACT_HOSTS": json.dumps([host.netloc]),
        "CLEARANCE_AZURE_ML_TIMEOUT": "10",
    }


def _identity(upstream: Upstream, secrets: Secrets) -> dict[str, str]:
    people = read_people()
    return {
        "AZURE_CLIENT_ID": people.managed_identity.client_id,
        "IDENTITY_ENDPOINT": upstream.identity_endpoint,
        "IDENTITY_HEADER": secrets.identity_header,
        "REQUESTS_CA_BUNDLE": upstream.address.ca_bundle,
        "SSL_CERT_FILE": upstream.address.ca_bundle,
        "CLEARANCE_TENANT_ID": people.tenant_id,
        "CLEARANCE_CLIENT_ID": people.client_id,
        "CLEARANCE_ISSUER": upstream.issuer,
        "CLEARANCE_JWKS_URI": upstream.jwks_uri,
    }
