"""Models as JSON, the way the Azure ML front end answers them."""

from typing import Any
from urllib.parse import urlencode

from local.azure_ml.asset_ids import model_id, version_id
from local.azure_ml.config import Registry, Workspace
from local.azure_ml.containers import latest_version, next_version
from local.azure_ml.state import ModelContainer, ModelVersion, SystemData
from local.azure_ml.world import World

Json = dict[str, Any]


def system_data(system: SystemData) -> Json:
    """Return ``systemData``."""
    return {
        "createdAt": system.created_at,
        "createdBy": system.created_by,
        "createdByType": system.created_by_type,
        "lastModifiedAt": system.last_modified_at,
        "lastModifiedBy": system.last_modified_by,
        "lastModifiedByType": system.last_modified_by_type,
    }


def version_json(world: World, owner: Workspace | Registry, model: ModelVersion) -> Json:
    """Return one version. ``flavors`` is always there: the client breaks without it."""
    kind = "workspaces" if isinstance(owner, Workspace) else "registries"
    properties = {
        "description": model.description,
        "tags": dict(model.tags),
        "properties": dict(model.properties),
        "isArchived": model.is_archived,
        "isAnonymous": model.is_anonymous,
        "flavors": dict(model.flavors),
        "modelType": model.model_type,
        "modelUri": world.to_wire(model.model_uri),
        "jobName": model.job_name,
        "provisioningState": "Succeeded",
    }
    if model.stage is not None:
        properties["stage"] = model.stage
    return {
        "id": version_id(owner, model.name, model.version),
        "name": model.version,
        "type": f"Microsoft.MachineLearningServices/{kind}/models/versions",
        "properties": properties,
        "systemData": system_data(model.system),
    }


def container_json(owner: Workspace | Registry, container: ModelContainer) -> Json:
    """Return one container."""
    kind = "workspaces" if isinstance(owner, Workspace) else "registries"
    properties = {
        "description": container.description,
        "tags": dict(container.tags),
        "properties": dict(container.properties),
        "isArchived": container.is_archived,
        "latestVersion": latest_version(container),
        "nextVersion": next_version(container),
        "provisioningState": "Succeeded",
    }
    return {
        "id": model_id(owner, container.name),
        "name": container.name,
        "type": f"Microsoft.MachineLearningServices/{kind}/models",
        "properties": properties,
        "systemData": system_data(container.system),
    }


def page_json(world: World, url_path: str, query: dict[str, str], items: list[Json]) -> Json:
    """Return one page of a list with the link to the next.

    Args:
        world: for the page size and the origin of the link.
        url_path: path of the request.
        query: its parameters; ``$skip`` says where the page begins, ``$top`` how many items there are in all.
        items: the whole list.
    """
    wanted = items[: int(query["$top"])] if query.get("$top", "").isdecimal() else items
    start = int(query["$skip"]) if query.get("$skip", "").isdecimal() else 0
    end = start + world.behaviour.page_size
    page: Json = {"value": wanted[start:end]}
    if end < len(wanted):
        page["nextLink"] = f"{world.origin}{url_path}?{urlencode({**query, '$skip': str(end)})}"
    return page


def shown(view: str, *, is_archived: bool) -> bool:
    """Say whether a list view shows something; takes the enum spelling the client sends by mistake too."""
    plain = view.rsplit(".", 1)[-1].replace("_", "").lower()
    if plain == "all":
        return True
    return is_archived == (plain == "archivedonly")
