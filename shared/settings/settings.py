"""The app's configuration as one value, read from the environment with every fault at once."""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TypeVar

from shared.domain.mending import WorkspaceAddress
from shared.domain.visible import quoted
from shared.domain.waits import Waits
from shared.settings import table
from shared.settings.places import AzureMLPlaces, CloudPlace, Sender, SignIn, Storage, Telemetry
from shared.settings.setting import Reading, Setting
from shared.settings.waits import take_waits

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Settings:
    """What a deployment is told; docs/configuration.md says what each setting means.

    `identity_client_id` names the app's user-assigned identity; `managed` is whether the platform offers one at all.
    `promotes` is whether this app reads workspaces and imports; `readers` maps an alias to the groups that may read that
    workspace.
    """

    azure_ml: AzureMLPlaces
    governed_from: Mapping[str, datetime]
    policies: Path
    policy_build: int
    promotes: bool
    senders: Mapping[str, Sender]
    public_url: str
    sign_in: SignIn
    readers: Mapping[str, tuple[str, ...]]
    topic_endpoint: str | None
    telemetry: Telemetry
    identity_client_id: str | None
    managed: bool
    storage: Storage
    waits: Waits

    @classmethod
    def from_mapping(cls, environment: Mapping[str, str]) -> "Settings":
        """Read all settings.

        Raises:
            DocumentInvalid: with every fault: the setting, what was found (never a secret), what is expected, an example.
        """
        reading = Reading(environment)
        settings = cls.from_reading(reading)
        reading.finish()
        return settings

    @classmethod
    def from_reading(cls, reading: Reading) -> "Settings":
        """Read all settings, and leave it to the caller to finish; what has a fault means nothing."""
        azure_ml, sign_in = _azure_ml(reading), _sign_in(reading)
        return cls(
            azure_ml=azure_ml,
            governed_from=_by_workspace(reading, table.GOVERNED_FROM, azure_ml.workspaces),
            policies=reading.take(table.POLICIES),
            policy_build=reading.take(table.POLICY_BUILD),
            promotes=reading.take(table.PROMOTES),
            senders=reading.take(table.SENDERS),
            public_url=reading.take(table.PUBLIC_URL),
            sign_in=sign_in,
            readers=_by_workspace(reading, table.READERS, azure_ml.workspaces),
            topic_endpoint=reading.take(table.TOPIC),
            telemetry=Telemetry(reading.take(table.TELEMETRY), reading.take(table.SITE_NAME)),
            identity_client_id=_identity(reading),
            managed=reading.take(table.IDENTITY_ENDPOINT) is not None,
            storage=_storage(reading, azure_ml.cloud),
            waits=take_waits(reading),
        )

    @classmethod
    def from_environment(cls) -> "Settings":
        """Read the process's environment; raises what `from_mapping` raises."""
        return cls.from_mapping(os.environ)  # noqa: TID251 - settings are where it is read


@dataclass(frozen=True, slots=True)
class StoreSettings:
    """What it takes to read the store alone, for who exports it from a machine that runs no app."""

    storage: Storage
    identity_client_id: str | None
    managed: bool

    @classmethod
    def from_environment(cls) -> "StoreSettings":
        """Read the process's environment.

        Raises:
            DocumentInvalid: with every fault.
        """
        reading = Reading(os.environ, "The command's environment")  # noqa: TID251 - settings are where it is read
        managed = reading.take(table.IDENTITY_ENDPOINT) is not None
        settings = cls(_storage(reading, reading.take(table.CLOUD)), _identity(reading), managed)
        reading.finish()
        return settings


def _azure_ml(reading: Reading) -> AzureMLPlaces:
    workspaces = reading.take(table.WORKSPACES)
    return AzureMLPlaces(
        workspaces=workspaces,
        registries=reading.take(table.REGISTRIES),
        cloud=reading.take(table.CLOUD),
        tracking_hosts=_by_workspace(reading, table.TRACKING_HOSTS, workspaces),
        trusted_hosts=reading.take(table.TRUSTED_HOSTS),
        artifact_hosts=reading.take(table.ARTIFACT_HOSTS),
        timeout=reading.take(table.AZURE_ML_TIMEOUT),
    )


def _by_workspace(
    reading: Reading, setting: Setting[Mapping[str, T]], workspaces: Mapping[str, WorkspaceAddress] | None
) -> Mapping[str, T]:
    """Take a setting whose keys are aliases; each must be one of the workspaces, where those can be read."""
    found = reading.take(setting)
    if found and workspaces:
        known = ", ".join(sorted(workspaces))
        strangers = sorted({*found} - {*workspaces})
        reading.faults += [
            f"{setting.name}: names {quoted(alias)}, which is no alias of CLEARANCE_WORKSPACES; those are {known}."
            for alias in strangers
        ]
    return found


def _storage(reading: Reading, cloud: CloudPlace | None) -> Storage:
    storage = Storage(reading.take(table.STORAGE), reading.take(table.STORAGE_ACCOUNT), cloud)
    named = [each.name for each in (table.STORAGE, table.STORAGE_ACCOUNT) if reading.has(each)]
    if len(named) == 2:
        reading.faults.append(f"{' and '.join(named)}: both are set; keep one of them, in Azure the account's name.")
    if not named:
        reading.faults.append(
            f"{table.STORAGE_ACCOUNT.name}: it is not set; expected the name of the storage account, for example "
            f"{table.STORAGE_ACCOUNT.example} (or, on a machine of your own, {table.STORAGE.name}="
            f"{table.STORAGE.example})."
        )
    return storage


def _identity(reading: Reading) -> str | None:
    """One identity for everything: Azure ML, the topic and storage."""
    general, storage = reading.take(table.IDENTITY_CLIENT_ID), reading.take(table.STORAGE_CLIENT_ID)
    if general and storage and general != storage:
        names = f"{table.IDENTITY_CLIENT_ID.name} and {table.STORAGE_CLIENT_ID.name}"
        reading.faults.append(f"{names}: they name two identities, {general} and {storage}; the app has one.")
    return general or storage


def _sign_in(reading: Reading) -> SignIn:
    tenant = reading.take(table.TENANT_ID)
    return SignIn(
        tenant_id=tenant,
        client_id=reading.take(table.CLIENT_ID),
        issuer=reading.take(table.ISSUER) or f"https://login.microsoftonline.com/{tenant}/v2.0",
        jwks_uri=reading.take(table.JWKS_URI),
        path=reading.take(table.SIGN_IN_PATH),
        ca_bundle=reading.take(table.CA_BUNDLE),
    )
