"""The settings of a deployment as far as they can be read, for checks that go on where the app itself would stop."""

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from urllib.parse import urlsplit

from shared.domain.mending import WorkspaceAddress
from shared.domain.resource_ids import Resource, resource_id
from shared.settings import table
from shared.settings.places import AzureMLPlaces, Storage
from shared.settings.setting import Reading
from shared.settings.settings import Settings
from shared.settings.settings_file import read_settings_file, references_in
from shared.workflow.deployment import Told

_OF_THIS_MACHINE = (table.IDENTITY_ENDPOINT.name, table.CA_BUNDLE.name)
"""What is true of the machine that asks, whatever a file says of the app."""

_TOPIC = re.compile(r"([A-Za-z0-9-]+)\.[A-Za-z0-9-]+\.eventgrid\.")
_BLOBS = re.compile(r"([a-z0-9]{3,24})\.blob\.")
_INSTRUMENTATION_KEY = re.compile(r"(?:^|;)\s*InstrumentationKey=([0-9a-f-]+)", re.IGNORECASE)
_ACCOUNT = re.compile(r"(?:^|;)AccountName=([a-z0-9]+)(?:;|$)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class DeploymentSettings:
    """What could be read. `azure_ml` and `storage` hold nothing where a fault keeps it; `told` says all else."""

    azure_ml: AzureMLPlaces
    storage: Storage | None
    policies: Path
    identity_client_id: str | None
    managed: bool
    told: Told
    token: str | None

    @classmethod
    def from_mapping(cls, environment: Mapping[str, str], references: Mapping[str, str]) -> "DeploymentSettings":
        """Read them; faults are among what is told. `references` are settings that another place holds."""
        reading = Reading({name: text for name, text in environment.items() if name not in references})
        settings = Settings.from_reading(reading)
        faults = tuple(each for each in reading.faults if each.partition(":")[0] not in references)
        places = settings.azure_ml
        # In which cloud anything is, is not known then: no token must go to the public one for a slip of the pen, or for a reference.
        lost = table.CLOUD.name in references or any(fault.startswith(table.CLOUD.name) for fault in faults)
        azure_ml = AzureMLPlaces(
            workspaces=places.workspaces if places.workspaces and not lost else {},
            registries=places.registries if places.registries and not lost else (),
            cloud=places.cloud,
            tracking_hosts=places.tracking_hosts or {},
            trusted_hosts=places.trusted_hosts or (),
            artifact_hosts=places.artifact_hosts or (),
            timeout=places.timeout or float(table.AZURE_ML_TIMEOUT.example),
        )
        telemetry = replace(settings.telemetry, connection_string=None) if lost else settings.telemetry
        storage = settings.storage
        one = bool(storage.connection_string) != bool(storage.account_name)
        return cls(
            azure_ml=azure_ml,
            storage=storage if one and not lost else None,
            policies=settings.policies,
            identity_client_id=settings.identity_client_id,
            managed=settings.managed,
            told=_told(replace(settings, azure_ml=azure_ml, telemetry=telemetry), environment, faults, references),
            token=Reading(environment).take(table.TOKEN),
        )

    @classmethod
    def load(cls, file: Path | None, app: str | None = None) -> "DeploymentSettings":
        """Read a file of app settings, or the process's environment where none is named; `app` wins over the public URL.

        Raises:
            DocumentInvalid: the file holds no settings.
        """
        ours = dict(os.environ)  # noqa: TID251 - settings are where it is read
        references: dict[str, str] = {}
        environment = ours
        if file is not None:
            listed = read_settings_file(file)
            references = references_in(listed)
            kept = {name: ours[name] for name in _OF_THIS_MACHINE if name in ours}
            # A file must not name the place that our token goes to: whoever runs the command does.
            if app or listed.get(table.PUBLIC_URL.name) == ours.get(table.SERVER.name):
                kept |= {name: ours[name] for name in (table.TOKEN.name,) if name in ours}
            ignored = (*_OF_THIS_MACHINE, table.TOKEN.name)
            environment = {name: text for name, text in listed.items() if name not in ignored} | kept
        chosen = {table.PUBLIC_URL.name: app} if app else {}
        return cls.from_mapping({**environment, **chosen}, references)


def _told(
    settings: Settings, environment: Mapping[str, str], faults: tuple[str, ...], references: Mapping[str, str]
) -> Told:
    senders = None if table.SENDERS.name in references else settings.senders
    url: str | None = settings.public_url
    serves = not _disabled(environment, "http")
    return Told(
        faults=faults,
        references=references,
        workspaces={alias: _workspace(place) for alias, place in settings.azure_ml.workspaces.items()},
        registries=settings.azure_ml.registries,
        reads_files=bool(settings.azure_ml.artifact_hosts),
        part="people" if settings.promotes is False else "whole" if serves else "promoter",
        account=_account(settings.storage),
        by_key=bool(settings.storage.connection_string),
        host_account=_host_account(environment),
        topic=_topic(settings.topic_endpoint),
        instrumentation_key=_instrumentation_key(settings.telemetry.connection_string),
        url=url,
        serves=serves,
        in_azure=url is None or urlsplit(url).scheme == "https",
        tenant=settings.sign_in.tenant_id,
        client_id=settings.sign_in.client_id,
        policy_build=settings.policy_build,
        policies=str(settings.policies),
        senders=None if senders is None else {name: each.people for name, each in senders.items()},
    )


def _workspace(place: WorkspaceAddress) -> Resource:
    return Resource.parse(resource_id("workspace", place.subscription, place.resource_group, place.workspace))


def _disabled(environment: Mapping[str, str], function: str) -> bool:
    """Whether a function is switched off: learn.microsoft.com/azure/azure-functions/disable-function."""
    names = (f"AzureWebJobs.{function}.Disabled", f"AzureWebJobs__{function}__Disabled")
    return any(environment.get(name, "").strip().casefold() in {"true", "1"} for name in names)


def _account(storage: Storage) -> str | None:
    named = _ACCOUNT.search(storage.connection_string or "")
    return storage.account_name or (named[1] if named else None)


def _instrumentation_key(connection: str | None) -> str | None:
    named = _INSTRUMENTATION_KEY.search(connection or "")
    return named[1] if named else None


def _host_account(environment: Mapping[str, str]) -> str | None:
    """The account of the host's blobs where settings name one: it prefers this to the name of the account for all else."""
    named = _BLOBS.match(urlsplit(environment.get("AzureWebJobsStorage__blobServiceUri", "")).netloc)
    return named[1] if named else None


def _topic(endpoint: str | None) -> str | None:
    named = _TOPIC.match(urlsplit(endpoint or "").netloc)
    return named[1] if named else None
