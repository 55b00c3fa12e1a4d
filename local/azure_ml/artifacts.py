"""Where the files of model versions and runs lie, and copying them between places."""

import re
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, replace

from local.azure_ml.asset_ids import ARTIFACT_DATASTORE, BLOB_DATASTORE, datastore_path, run_prefix
from local.azure_ml.config import Registry, Workspace
from local.azure_ml.state import Blob, ModelVersion
from local.azure_ml.world import STORED_ORIGIN, World

REGISTRY_ACCOUNT = "registries"
REGISTRY_PREFIX = "regblob-"
_REGISTRY_URI = re.compile(re.escape(f"{STORED_ORIGIN}/") + rf"({REGISTRY_PREFIX}[^/?]+)/?([^?]*)")


@dataclass(frozen=True, slots=True)
class ArtifactPlace:
    """A prefix in a blob container; ``account`` and ``container`` together name the container."""

    account: str
    container: str
    prefix: str

    def blobs(self, world: World) -> dict[str, Blob]:
        """Return all blobs of the container."""
        return world.state.blobs.setdefault(f"{self.account}/{self.container}", {})

    def names(self, world: World) -> list[str]:
        """Return the names of the blobs that belong to this place, sorted."""
        root = self.prefix.rstrip("/")
        return sorted(n for n in self.blobs(world) if n == root or n.startswith(f"{root}/") or not root)

    def at(self, path: str) -> "ArtifactPlace":
        """Return a place below this one."""
        return replace(self, prefix=f"{self.prefix.rstrip('/')}/{path}" if self.prefix else path)


def datastore_container(workspace: Workspace, datastore: str) -> str | None:
    """Return the container behind a default datastore, or ``None`` if there is no such datastore."""
    containers = {BLOB_DATASTORE: f"azureml-blobstore-{workspace.guid}", ARTIFACT_DATASTORE: "azureml"}
    return containers.get(datastore)


def run_place(workspace: Workspace, run_id: str) -> ArtifactPlace:
    """Return where the files of a run lie."""
    return ArtifactPlace(workspace.storage_account, "azureml", run_prefix(run_id))


def registry_container(registry: Registry, name: str, version: str) -> str:
    """Return the container that a registry keeps for one version; the same one for the same version."""
    return f"{REGISTRY_PREFIX}{registry.name}-{uuid.uuid5(uuid.NAMESPACE_URL, f'{registry.name}/{name}/{version}')}".lower()


def registry_place(registry: Registry, name: str, version: str) -> ArtifactPlace:
    """Return where a registry keeps one version."""
    return ArtifactPlace(REGISTRY_ACCOUNT, registry_container(registry, name, version), "")


def version_place(world: World, owner: Workspace | Registry, model: ModelVersion) -> ArtifactPlace | None:
    """Return where the files of a version lie, or ``None`` if its URI points outside the emulator."""
    found = _REGISTRY_URI.fullmatch(world.to_stored(model.model_uri))
    if found:
        return ArtifactPlace(REGISTRY_ACCOUNT, found[1], found[2])
    stored = datastore_path(model.model_uri)
    if stored is None or isinstance(owner, Registry):
        return None
    container = datastore_container(owner, stored[0])
    return ArtifactPlace(owner.storage_account, container, stored[1]) if container else None


def copy_artifacts(world: World, source: ArtifactPlace, target: ArtifactPlace) -> str:
    """Copy all files server-side and return the stored URI of the copy.

    The last folder of the source path is kept, as an upload of that folder would have kept it.
    """
    root = source.prefix.rstrip("/")
    base = root.rsplit("/", 1)[-1]
    blobs, into = source.blobs(world), target.blobs(world)
    for name in source.names(world):
        relative = name.removeprefix(root).lstrip("/")
        into[f"{base}/{relative}" if relative else base] = replace(blobs[name], metadata=dict(blobs[name].metadata))
    return f"{STORED_ORIGIN}/{target.container}/{base}"


def write_artifacts(world: World, place: ArtifactPlace, files: Mapping[str, bytes]) -> None:
    """Replace all files of a place."""
    blobs = place.blobs(world)
    for name in place.names(world):
        del blobs[name]
    for path, content in files.items():
        blobs[place.at(path).prefix] = world.files.put(content)


def read_artifact(world: World, place: ArtifactPlace, path: str) -> bytes | None:
    """Return the bytes of one file of a place, or ``None`` if there is no such file."""
    blob = place.blobs(world).get(place.at(path).prefix)
    return world.files.read(blob) if blob else None
