"""What the app, and the topics that deliver to it, must be allowed to do, and by which role infra/ allows it.

The two roles that are Clearance's own are those of infra/roles/; a test holds them equal. What each of their actions is
for stands in docs/permissions.md. Actions on storage:
learn.microsoft.com/rest/api/storageservices/authorize-with-azure-active-directory ("Permissions for calling data operations").
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from shared.domain.resource_ids import Kind

Part = Literal["whole", "people", "promoter"]
"""Which part of a deployment an app is: all of it, or one of the two of a split one (infra/functions.json)."""

_ML = "Microsoft.MachineLearningServices"
_STORAGE = "Microsoft.Storage/storageAccounts"
_TABLE = f"{_STORAGE}/tableServices/tables/entities"
_MESSAGES = f"{_STORAGE}/queueServices/queues/messages"
_BLOB = f"{_STORAGE}/blobServices/containers"


@dataclass(frozen=True, slots=True)
class Needed:
    """The actions that one role is for. `own` tells Clearance's roles from Azure's built-in ones."""

    role: str
    actions: tuple[str, ...] = ()
    data_actions: tuple[str, ...] = ()
    own: bool = False

    @property
    def each(self) -> tuple[tuple[str, bool], ...]:
        """Each action, with whether it is one on data."""
        return (*((name, False) for name in self.actions), *((name, True) for name in self.data_actions))


READ_FILES = (
    f"{_ML}/workspaces/datastores/read",
    f"{_ML}/workspaces/datastores/listsecrets/action",
)
"""What it takes to list a model's files, where artifact hosts are set."""

WORKSPACE = Needed(
    "Clearance workspace reader",
    (
        f"{_ML}/workspaces/read",
        f"{_ML}/workspaces/models/read",
        f"{_ML}/workspaces/models/versions/read",
        f"{_ML}/workspaces/jobs/read",
        f"{_ML}/workspaces/experiments/runs/read",
    ),
    own=True,
)
_WORKSPACE_WITH_FILES = Needed(WORKSPACE.role, (*WORKSPACE.actions, *READ_FILES), own=True)
REGISTRY = Needed(
    "Clearance registry importer",
    (
        f"{_ML}/registries/read",
        f"{_ML}/registries/assets/read",
        f"{_ML}/registries/assets/write",
    ),
    own=True,
)
TOPIC = Needed("EventGrid Data Sender", data_actions=("Microsoft.EventGrid/events/send/action",))
_TABLES = Needed(
    "Storage Table Data Contributor", data_actions=(f"{_TABLE}/read", f"{_TABLE}/write", f"{_TABLE}/delete")
)
_BLOBS = Needed(
    "Storage Blob Data Owner",
    actions=(f"{_BLOB}/read", f"{_BLOB}/write"),
    data_actions=(f"{_BLOB}/blobs/read", f"{_BLOB}/blobs/write"),
)
_QUEUES = Needed(
    "Storage Queue Data Contributor",
    data_actions=(f"{_MESSAGES}/read", f"{_MESSAGES}/write", f"{_MESSAGES}/delete", f"{_MESSAGES}/process/action"),
)
HOST_BLOBS = Needed(_BLOBS.role, data_actions=_BLOBS.data_actions)
"""What the Functions host needs where it keeps its leases, its keys and the package."""

VAULT = Needed("Key Vault Secrets User", data_actions=("Microsoft.KeyVault/vaults/secrets/getSecret/action",))
"""What it takes to resolve a setting that refers to a secret."""

COMPONENT = Needed("Monitoring Metrics Publisher", data_actions=("Microsoft.Insights/Telemetry/Write",))
"""What it takes to send traces and measures to Application Insights."""

SERVES_AS: Mapping[str, str] = {f"{_MESSAGES}/add/action": f"{_MESSAGES}/write"}
"""Actions in place of which Azure takes another one: Put Message asks for either of these two."""

_SENDS = Needed("Storage Queue Data Message Sender", data_actions=(f"{_MESSAGES}/add/action",))
_LOOKS = Needed("Storage Queue Data Reader", data_actions=(f"{_MESSAGES}/read",))

DELIVERS = _SENDS
"""What a system topic's identity needs on the queue of events."""

KEEPS = Needed("Storage Blob Data Contributor", data_actions=(f"{_BLOB}/blobs/read", f"{_BLOB}/blobs/write"))
"""What a system topic's identity needs on the container of dead letters."""

_WORKER: Mapping[Kind, tuple[Needed, ...]] = {
    "workspace": (_WORKSPACE_WITH_FILES,),
    "registry": (REGISTRY,),
    "storage": (_TABLES, _QUEUES, _BLOBS),
    "topic": (TOPIC,),
    "vault": (VAULT,),
    "component": (COMPONENT,),
}
_PEOPLE: Mapping[Kind, tuple[Needed, ...]] = {
    "storage": (_TABLES, _SENDS, _LOOKS, _BLOBS),
    "vault": (VAULT,),
    "component": (COMPONENT,),
}


def needed(kind: Kind, part: Part = "whole", *, reads_files: bool = True) -> tuple[Needed, ...]:
    """What an app must be allowed to do on a resource.

    Args:
        kind: of the resource.
        part: which part of the deployment the app is; the one that faces people has no right on workspaces, registries
            and the topic. A vault counts for the part whose settings refer to it.
        reads_files: whether it lists the files of models and runs.
    """
    if kind == "workspace" and part != "people" and not reads_files:
        return (WORKSPACE,)
    return (_PEOPLE if part == "people" else _WORKER).get(kind, ())
