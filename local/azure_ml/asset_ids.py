"""Ids of assets and URIs of model files, in the spellings azure-ai-ml and MLflow use."""

import re
from dataclasses import dataclass

from local.azure_ml.config import Registry, Workspace

ARTIFACT_DATASTORE = "workspaceartifactstore"
BLOB_DATASTORE = "workspaceblobstore"

_SOURCE = re.compile(r"azureml://locations/([^/]+)/workspaces/([^/]+)/models/([^/]+)/versions/([^/]+)")
_JOB_OUTPUT = re.compile(r"azureml://jobs/([^/]+)/outputs/artifacts(?:/paths)?/(.*)")
_RUN = re.compile(r"runs:/+([^/]+)/?(.*)")
_SHORT = re.compile(r"azureml://datastores/([^/]+)/paths/(.*)")
_LONG = re.compile(
    r"azureml://subscriptions/[^/]+/resource[gG]roups/[^/]+(?:/providers/Microsoft\.MachineLearningServices)?"
    r"/workspaces/[^/]+/datastores/([^/]+)/paths/(.*)"
)


@dataclass(frozen=True, slots=True)
class SourceId:
    """The parts of ``azureml://locations/<region>/workspaces/<GUID>/models/<name>/versions/<version>``."""

    workspace_guid: str
    name: str
    version: str


def parse_source_id(asset_id: str) -> SourceId | None:
    """Return the parts of a workspace asset id, or ``None`` if it is something else."""
    found = _SOURCE.fullmatch(asset_id)
    return SourceId(found[2], found[3], found[4]) if found else None


def model_id(owner: Workspace | Registry, name: str) -> str:
    """Return the id of all versions of a model."""
    root = owner.arm_id if isinstance(owner, Workspace) else f"azureml://registries/{owner.name}"
    return f"{root}/models/{name}"


def version_id(owner: Workspace | Registry, name: str, version: str) -> str:
    """Return the id of one version."""
    return f"{model_id(owner, name)}/versions/{version}"


def run_prefix(run_id: str) -> str:
    """Return where the artifact datastore keeps the files of a run."""
    return f"ExperimentRun/dcid.{run_id}"


def run_of(uri: str) -> tuple[str, str] | None:
    """Return (run id, path) of a job output or ``runs:/`` URI, or ``None`` for any other URI."""
    found = _JOB_OUTPUT.fullmatch(uri) or _RUN.fullmatch(uri)
    return (found[1], found[2]) if found else None


def datastore_path(uri: str) -> tuple[str, str] | None:
    """Return (datastore, path) of a datastore URI, short or long, or ``None`` for any other URI."""
    found = _LONG.fullmatch(uri) or _SHORT.fullmatch(uri)
    return (found[1], found[2]) if found else None


def long_uri(workspace: Workspace, datastore: str, path: str) -> str:
    """Return the datastore URI that the service answers with."""
    group = f"azureml://subscriptions/{workspace.subscription_id}/resourceGroups/{workspace.resource_group}"
    return f"{group}/workspaces/{workspace.name}/datastores/{datastore}/paths/{path}"
