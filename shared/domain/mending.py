"""The commands that mend what a gate found, ready to be copied into a shell.

Syntax: learn.microsoft.com/azure/machine-learning/how-to-manage-models ("Update") and the reference of `az ml model`.
`--set` splits its path at dots (azure-cli-core, `commands/arm.py`), hence the grammar of tag names in policies.
What stands in `<angle brackets>` is for the reader to fill in.
"""

import shlex
from dataclasses import dataclass

from shared.domain.ids import PromotionId


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


def register_from_job(promotion: PromotionId, address: WorkspaceAddress | None, asset_type: str) -> str:
    """The command that registers a new version from a job's output, which is what keeps the link to the job."""
    words = ["az", "ml", "model", "create", "--name", promotion.name, "--type", asset_type or "custom_model"]
    return shlex.join([*words, "--path", "azureml://jobs/<job>/outputs/artifacts/paths/<folder>/", *_where(address)])


def _where(address: WorkspaceAddress | None) -> list[str]:
    if address is None:
        return []
    flags = ["--subscription", address.subscription, "--resource-group", address.resource_group]
    return [*flags, "--workspace-name", address.workspace]
