"""Model containers and their versions: adding, finding, ordering."""

import re
from collections.abc import Iterable

from local.azure_ml.config import Registry, Workspace
from local.azure_ml.errors import WireError, user_error
from local.azure_ml.state import ModelContainer, ModelVersion
from local.azure_ml.tokens import restamp
from local.azure_ml.world import World

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,254}")


def check_name(name: str, what: str) -> None:
    """Refuse what the service refuses as a name or version.

    Raises:
        WireError: 400.
    """
    if not _NAME.fullmatch(name):
        message = (
            f"The {what} '{name}' is invalid: up to 255 letters, digits, '.', '-' and '_', the first a letter or digit."
        )
        raise user_error(400, message, "InvalidAssetName")


def container_not_found(owner: Workspace | Registry) -> WireError:
    """Return the 404 of an unknown model name, which does not repeat the name."""
    return user_error(404, "The specified resource was not found.", "ModelNotFound", owner.region)


def version_not_found(owner: Workspace | Registry, name: str, version: str) -> WireError:
    """Return the 404 of an unknown version."""
    kind = "workspace" if isinstance(owner, Workspace) else "registry"
    message = f"Model {name}:{version} was not found in {kind} {owner.name}."
    return user_error(404, message, "ModelNotFound", owner.region)


def get_container(world: World, owner: Workspace | Registry, name: str) -> ModelContainer:
    """Return a container.

    Raises:
        WireError: 404.
    """
    found = world.models(owner).get(name)
    if found is None or not (found.versions or isinstance(owner, Workspace)):
        raise container_not_found(owner)
    return found


def get_version(world: World, owner: Workspace | Registry, name: str, version: str) -> ModelVersion:
    """Return a version.

    Raises:
        WireError: 404.
    """
    container = world.models(owner).get(name)
    if container is None or version not in container.versions:
        raise version_not_found(owner, name, version)
    return container.versions[version]


def add_version(world: World, owner: Workspace | Registry, model: ModelVersion) -> None:
    """Put a new version into its container, making the container if need be."""
    container = world.models(owner).get(model.name)
    if container is None:
        container = ModelContainer(model.name, restamp(model.system))
        world.models(owner)[model.name] = container
    model.sequence = world.next_sequence()
    container.versions[model.version] = model


def delete_version(world: World, owner: Workspace | Registry, name: str, version: str) -> None:
    """Delete a version; a registry never gives its number out again (issue azureml-assets 2919).

    Raises:
        WireError: 404.
    """
    get_version(world, owner, name, version)
    container = world.models(owner)[name]
    del container.versions[version]
    if isinstance(owner, Registry):
        container.deleted.append(version)
    elif not container.versions:
        del world.models(owner)[name]


def newest_first(versions: Iterable[ModelVersion]) -> list[ModelVersion]:
    """Order versions by creation, newest first."""
    return sorted(versions, key=lambda model: (model.system.created_at, model.sequence), reverse=True)


def latest_version(container: ModelContainer) -> str | None:
    """Return the version created last, or ``None`` if there is none."""
    return newest_first(container.versions.values())[0].version if container.versions else None


def next_version(container: ModelContainer) -> str:
    """Return the number after the highest numeric version; archived ones count, for they stay taken."""
    numbers = [int(version) for version in [*container.versions, *container.deleted] if version.isdecimal()]
    return str(max(numbers, default=0) + 1)
