"""The commands that mend what a gate found, ready to be copied into a shell.

Syntax: learn.microsoft.com/azure/machine-learning/how-to-manage-models ("Update") and the reference of `az ml model`.
`--set` splits its path at dots (azure-cli-core, `commands/arm.py`), hence the grammar of tag names in policies.
What stands in `<angle brackets>` is for the reader to fill in.
"""

import re
import shlex
from collections.abc import Iterable
from dataclasses import dataclass

from shared.domain.ids import PromotionId

_ADDRESSABLE = re.compile(r"[A-Za-z0-9_-]+")


@dataclass(frozen=True, slots=True)
class WorkspaceAddress:
    """Where Azure finds a workspace: the alias in a promotion's id says nothing to `az`."""

    subscription: str
    resource_group: str
    workspace: str


def set_tag(promotion: PromotionId, address: WorkspaceAddress | None, tag: str, value: str) -> str:
    """The command that sets one tag of the version; `value` may be a placeholder such as `<owner>`."""
    words = ["az", "ml", "model", "update", "--name", promotion.name, "--version", promotion.version]
    return shlex.join([*words, "--set", f"tags.{tag}={value}", *_where(address)])


def remove_tags(promotion: PromotionId, address: WorkspaceAddress | None, tags: Iterable[str]) -> str:
    """The command that removes tags of the version; by MLflow where a name is none that `az` can address."""
    named = list(tags)
    if all(map(_ADDRESSABLE.fullmatch, named)):
        words = ["az", "ml", "model", "update", "--name", promotion.name, "--version", promotion.version]
        return shlex.join([*words, *(word for tag in named for word in ("--remove", f"tags.{tag}")), *_where(address)])
    key = f"{promotion.name!a}, {promotion.version!a}, tag"
    return _by_mlflow(f"delete_model_version_tag({key})", named)


def set_run_tag(run: str, tag: str, value: str) -> str:
    """The command that sets one tag of a run; `az ml` has none for that. MLFLOW_TRACKING_URI says which workspace."""
    script = f"import mlflow; mlflow.MlflowClient().set_tag({run!a}, {tag!a}, {value!a})"
    return shlex.join(["python", "-c", script])


def remove_run_tags(run: str, tags: Iterable[str]) -> str:
    """The command that removes tags of a run; `az ml` has none for that. MLFLOW_TRACKING_URI says which workspace."""
    return _by_mlflow(f"delete_tag({run!a}, tag)", tags)


def _by_mlflow(call: str, tags: Iterable[str]) -> str:
    script = f"import mlflow; [mlflow.MlflowClient().{call} for tag in {list(tags)!a}]"
    return shlex.join(["python", "-c", script])


def register_from_job(promotion: PromotionId, address: WorkspaceAddress | None, asset_type: str) -> str:
    """The command that registers a new version from a job's output, which is what keeps the link to the job."""
    words = ["az", "ml", "model", "create", "--name", promotion.name, "--type", asset_type or "custom_model"]
    return shlex.join([*words, "--path", "azureml://jobs/<job>/outputs/artifacts/paths/<folder>/", *_where(address)])


def log_file(run: str | None, path: str) -> str:
    """The command that puts a file among the artifacts of a run (mlflow.org, `mlflow artifacts log-artifact`)."""
    folder, _, name = path.rpartition("/")
    words = ["mlflow", "artifacts", "log-artifact", "--run-id", run or "<run id>", "--local-file", name]
    return shlex.join([*words, *(("--artifact-path", folder) if folder else ())])


def _where(address: WorkspaceAddress | None) -> list[str]:
    if address is None:
        return []
    flags = ["--subscription", address.subscription, "--resource-group", address.resource_group]
    return [*flags, "--workspace-name", address.workspace]
