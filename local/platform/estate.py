"""The sample estate: one workspace under the alias that policies use, two registries for all, and one for each plant."""

from pathlib import Path
from typing import Any

from pydantic import RootModel

from local.azure_ml.config import Behaviour, EmulatorConfig, Registry, StorageQueueSubscriber, Workspace
from local.platform.estate_roles import Destination, made_by_infra
from local.token_issuer import read_people

ALIAS = "risk-dev"
WORKSPACE = Workspace(
    name="mlw-risk-dev-weu",
    resource_group="rg-risk-dev",
    subscription_id="3f2b6c1e-8a4d-4f0b-9c57-1d2e3f4a5b6c",
    workspace_id="8d1f0a52-6b7c-4e39-a2d4-5c6b7a8f9e01",
    region="westeurope",
)
REGISTRIES = (
    Registry("contoso-shared", "rg-ml-registries", WORKSPACE.subscription_id, "westeurope"),
    Registry("contoso-eu", "rg-ml-registries", WORKSPACE.subscription_id, "northeurope"),
    Registry("contoso-plant-north", "rg-ml-registries", WORKSPACE.subscription_id, "northeurope"),
    Registry("contoso-plant-south", "rg-ml-registries", WORKSPACE.subscription_id, "southeurope"),
)
EVENT_QUEUE = "model-events"


def emulator_config(connection_string: str, token_keys: Path, *, persist: bool) -> dict[str, Any]:
    """The emulator's configuration as JSON: events go to the queue that the app reads, tokens must be the issuer's."""
    account = dict(part.split("=", 1) for part in connection_string.split(";") if part)["AccountName"]
    config = EmulatorConfig(
        workspaces=(WORKSPACE,),
        registries=REGISTRIES,
        subscribers=(StorageQueueSubscriber("storage_queue", EVENT_QUEUE, connection_string),),
        token_keys=token_keys,
        behaviour=Behaviour(import_seconds=0.2, retry_after=0.2),
        persist=persist,
        arm=made_by_infra(WORKSPACE, REGISTRIES, Destination(account, EVENT_QUEUE), read_people()),
    )
    return dict(RootModel[EmulatorConfig](config).model_dump(mode="json"))
