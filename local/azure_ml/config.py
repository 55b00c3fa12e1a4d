"""What one emulator serves: workspaces, registries, event subscribers, token keys and switches of behaviour."""

import uuid
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field, TypeAdapter, ValidationError

from local.azure_ml.arm_config import Arm
from local.azure_ml.config_values import DEFAULT_SUBSCRIPTION, STRICT

CreatedByKind = Literal["display_name", "upn", "object_id", "application_id"]
FinalBody = Literal["location_empty", "async_only"]
ImportConflict = Literal["http_409", "lro_failed"]
Kept = Literal["tags", "properties", "description"]
EventSchema = Literal["eventgrid", "cloudevents"]


class ConfigError(ValueError):
    """The configuration cannot be used; the message names every fault, where it is and what was expected."""


@dataclass(frozen=True, slots=True)
class Workspace:
    """One Azure ML workspace. An empty ``workspace_id`` becomes a GUID derived from the ARM id."""

    name: str
    resource_group: str
    subscription_id: str = DEFAULT_SUBSCRIPTION
    workspace_id: str = ""
    region: str = "westeurope"

    @property
    def arm_id(self) -> str:
        """The ARM resource id, as it stands in ids of assets and in the topic of events."""
        group = f"/subscriptions/{self.subscription_id}/resourceGroups/{self.resource_group}"
        return f"{group}/providers/Microsoft.MachineLearningServices/workspaces/{self.name}"

    @property
    def guid(self) -> str:
        """The workspace GUID that stands in ``azureml://locations/...`` ids."""
        return self.workspace_id or str(uuid.uuid5(uuid.NAMESPACE_URL, self.arm_id.lower()))

    @property
    def storage_account(self) -> str:
        """The name of the storage account behind the default datastores."""
        return "".join(c for c in self.name.lower() if c.isalnum())[:20] + "stor"


@dataclass(frozen=True, slots=True)
class Registry:
    """One Azure ML registry with its primary region."""

    name: str
    resource_group: str = "registries"
    subscription_id: str = DEFAULT_SUBSCRIPTION
    region: str = "westeurope"


@dataclass(frozen=True, slots=True)
class StorageQueueSubscriber:
    """Events go to a storage queue, one message each, as Event Grid's StorageQueue endpoint sends them.

    Either ``connection_string`` or ``queue_url`` (with a SAS, or anonymous) names the account.
    ``workspaces`` restricts the topics; ``None`` means all.
    """

    kind: Literal["storage_queue"]
    queue: str
    connection_string: str = ""
    queue_url: str = ""
    encoding: Literal["none", "base64"] = "none"
    schema: EventSchema = "eventgrid"
    workspaces: tuple[str, ...] | None = None


@dataclass(frozen=True, slots=True)
class WebhookSubscriber:
    """Events are pushed by POST with ``aeg-event-type: Notification``."""

    kind: Literal["webhook"]
    url: str
    schema: EventSchema = "eventgrid"
    workspaces: tuple[str, ...] | None = None


Subscriber = Annotated[StorageQueueSubscriber | WebhookSubscriber, Field(discriminator="kind")]


@dataclass(frozen=True, slots=True)
class Behaviour:
    """Switches for what the real service is not known to do, or does differently at times.

    Attributes:
        import_seconds: how long an import takes before its copy lands, in seconds.
        import_final_body: ``location_empty`` answers with Azure-AsyncOperation and Location and an empty result;
            ``async_only`` gives no Location, so that the last body is the operation's JSON status.
        import_conflict: how an import onto a taken name and version is refused.
        import_keeps: what of the source survives the import.
        retry_after: fractional seconds sent as Retry-After while an operation runs; the client waits 30 s without it.
        page_size: items of one page of a list, 1 or more.
        created_by: how a caller is spelled in ``systemData.createdBy``.
        created_by_of: the same for single callers, by object id or application id.
        tag_update_drops_job_name: a PUT onto an existing version that carries no ``jobName`` clears it.
    """

    import_seconds: Annotated[float, Field(ge=0)] = 0.05
    import_final_body: FinalBody = "location_empty"
    import_conflict: ImportConflict = "http_409"
    import_keeps: tuple[Kept, ...] = ("tags", "properties", "description")
    retry_after: Annotated[float, Field(gt=0)] = 0.05
    page_size: Annotated[int, Field(ge=1)] = 100
    created_by: CreatedByKind = "display_name"
    created_by_of: dict[str, CreatedByKind] = field(default_factory=dict)
    tag_update_drops_job_name: bool = False
    __pydantic_config__ = STRICT


@dataclass(frozen=True, slots=True)
class EmulatorConfig:
    """Everything one emulator process serves.

    ``token_keys`` is the path of a JWKS file; with it every bearer token must be signed by one of its keys and meant for
    management.azure.com, ml.azure.com, the emulator itself or one of ``audiences``. The file is read again when it
    changes. Without it any non-empty bearer is accepted. ``persist`` keeps state in the emulator's directory. ``arm`` is
    what Azure Resource Manager answers beside all that; it is not kept.
    """

    workspaces: tuple[Workspace, ...]
    registries: tuple[Registry, ...] = ()
    subscribers: tuple[Subscriber, ...] = ()
    token_keys: Path | None = None
    audiences: tuple[str, ...] = ()
    behaviour: Behaviour = field(default_factory=Behaviour)
    persist: bool = True
    arm: Arm = field(default_factory=Arm)
    __pydantic_config__ = STRICT


_CONFIG: TypeAdapter[EmulatorConfig] = TypeAdapter(EmulatorConfig)


def parse_config(text: str | bytes, source: str) -> EmulatorConfig:
    """Read a configuration from JSON text; ``source`` names it in errors.

    Raises:
        ConfigError: with every fault of the document.
    """
    try:
        return _CONFIG.validate_json(text)
    except ValidationError as error:
        raise ConfigError(f"{source} cannot be used:\n{list_faults(error)}") from error


def load_config(path: Path) -> EmulatorConfig:
    """Read a configuration file.

    Raises:
        ConfigError: the file is missing or holds faults.
    """
    try:
        text = path.read_bytes()
    except OSError as error:
        raise ConfigError(f"{path} cannot be read ({error.strerror}); --config names a JSON file") from error
    return parse_config(text, str(path))


def list_faults(error: ValidationError) -> str:
    """Return one line per fault: where it is and what was expected."""
    lines = (f"- {'.'.join(map(str, fault['loc'])) or 'document'}: {fault['msg']}" for fault in error.errors())
    return "\n".join(lines)
