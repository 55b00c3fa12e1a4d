"""What infra/ makes beside the app, as the laptop platform has it: topic, component, roles, and who holds them."""

import json
from dataclasses import dataclass
from pathlib import Path

from local.azure_ml.arm_config import Arm, Assignment, Role, Subscription, SystemTopic
from local.azure_ml.config import Registry, Workspace
from local.token_issuer import People

TOPIC_PRINCIPAL = "e7097000-0000-4000-8000-0000000000a3"
COMPONENT_KEY = "6f1f3c52-0d8e-4a54-9a3f-2f0c6d1f9b11"
"""Instrumentation key of the Application Insights component."""

_ROLES = Path(__file__).parents[2] / "infra" / "roles"


@dataclass(frozen=True, slots=True)
class Destination:
    """Where events go: storage account, queue, and container for what cannot be delivered."""

    account: str
    queue: str
    dead_letters: str = "dead-letters"


def storage_id(workspace: Workspace, account: str) -> str:
    """The resource id that the storage account would have in Azure."""
    return _own(workspace, f"Microsoft.Storage/storageAccounts/{account}")


def _own(workspace: Workspace, named: str) -> str:
    return f"/subscriptions/{workspace.subscription_id}/resourceGroups/rg-clearance/providers/{named}"


def made_by_infra(
    workspace: Workspace, registries: tuple[Registry, ...], destination: Destination, people: People
) -> Arm:
    """Everything as infra/ makes it, and two people beside it: a data scientist, and an operator who may read."""
    storage, app = storage_id(workspace, destination.account), people.managed_identity.oid
    component = _own(workspace, "Microsoft.Insights/components/appi-clearance")
    reader, importer = _role("workspace-reader"), _role("registry-importer")
    topic = _topic(workspace, storage, destination)
    scientist, operator = people.people["dana.submitter"].oid, people.people["olu.operator"].oid
    return Arm(
        resources=(storage,),
        components={COMPONENT_KEY: component},
        topics=(topic,),
        roles=(reader, importer),
        assignments=(
            Assignment(workspace.arm_id, reader.name, app),
            *(Assignment(_registry_id(each), importer.name, app) for each in registries),
            *(Assignment(storage, role, app) for role in _APP_ON_STORAGE),
            Assignment(component, "Monitoring Metrics Publisher", app),
            Assignment(
                f"{storage}/queueServices/default/queues/{destination.queue}",
                "Storage Queue Data Message Sender",
                TOPIC_PRINCIPAL,
            ),
            Assignment(
                f"{storage}/blobServices/default/containers/{destination.dead_letters}",
                "Storage Blob Data Contributor",
                TOPIC_PRINCIPAL,
            ),
            Assignment(workspace.arm_id, "AzureML Data Scientist", scientist, "User"),
            Assignment(f"/subscriptions/{workspace.subscription_id}", "Reader", operator, "User"),
        ),
    )


_APP_ON_STORAGE = ("Storage Table Data Contributor", "Storage Queue Data Contributor", "Storage Blob Data Owner")


def _role(file: str) -> Role:
    """One of Clearance's own roles, named as infra/ names it."""
    told = json.loads((_ROLES / f"{file}.json").read_text("utf-8"))
    actions = [each["action"] for each in (*told["actions"], *told.get("fileActions", ()))]
    return Role(f"{told['name']} (laptop)", tuple(actions))


def _topic(workspace: Workspace, storage: str, to: Destination) -> SystemTopic:
    types = tuple(f"Microsoft.MachineLearningServices.{name}" for name in ("ModelRegistered", "RunCompleted"))
    subscription = Subscription("clearance-laptop", storage, to.queue, to.dead_letters, types)
    return SystemTopic(
        f"evgs-{workspace.name}",
        workspace.arm_id,
        workspace.resource_group,
        workspace.subscription_id,
        workspace.region,
        TOPIC_PRINCIPAL,
        (subscription,),
    )


def _registry_id(registry: Registry) -> str:
    group = f"/subscriptions/{registry.subscription_id}/resourceGroups/{registry.resource_group}"
    return f"{group}/providers/Microsoft.MachineLearningServices/registries/{registry.name}"
