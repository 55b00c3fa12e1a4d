"""Which of Azure's actions let somebody write, delete, get past Clearance, or rewrite what it recorded.

Names of actions: learn.microsoft.com/azure/role-based-access-control/resource-provider-operations.
"""

from collections.abc import Mapping
from typing import Literal

from shared.domain.needed_actions import Part, needed
from shared.domain.resource_ids import Kind

Right = Literal["write", "delete", "bypass", "rewrite_history"]
"""bypass: to give oneself or others any right there. rewrite_history: to change rows behind Clearance."""

Action = tuple[str, bool]
"""An action, with whether it is one on data."""

_ML = "Microsoft.MachineLearningServices"
_REGISTRY = f"{_ML}/registries"
_WORKSPACE = f"{_ML}/workspaces"
_STORAGE = "Microsoft.Storage/storageAccounts"
_TABLE = f"{_STORAGE}/tableServices/tables"
_BLOB = f"{_STORAGE}/blobServices/containers"

# Who may change roles may give themselves what is missing; so may who changes the role that they hold.
_BYPASS = (
    "Microsoft.Authorization/roleAssignments/write",
    "Microsoft.Authorization/roleDefinitions/write",
    "Microsoft.Authorization/roleAssignmentScheduleRequests/write",
    "Microsoft.Authorization/elevateAccess/action",
)

# V1 and V2 of the API name the same things by two paths (learn.microsoft.com/azure/machine-learning/how-to-assign-roles).
RIGHTS: Mapping[Kind, Mapping[Right, tuple[Action, ...]]] = {
    "registry": {
        "write": tuple((f"{_REGISTRY}/{each}", False) for each in ("assets/write", "assets/stage/write", "write")),
        "delete": tuple((f"{_REGISTRY}/{each}", False) for each in ("assets/delete", "delete")),
        "bypass": tuple((each, False) for each in _BYPASS),
    },
    "workspace": {
        "write": tuple(
            (f"{_WORKSPACE}/{each}/write", False)
            for each in ("models", "models/versions", "jobs", "experiments/runs", "metadata/artifacts")
        ),
        "delete": (
            *((f"{_WORKSPACE}/{each}/delete", False) for each in ("models", "models/versions", "jobs")),
            (f"{_WORKSPACE}/delete", False),
        ),
        "bypass": tuple((each, False) for each in _BYPASS),
    },
    "storage": {
        "rewrite_history": (
            *((f"{_TABLE}/entities/{each}", True) for each in ("write", "delete", "add/action", "update/action")),
            *((f"{_BLOB}/blobs/{each}", True) for each in ("write", "delete", "add/action", "move/action")),
            *((f"{_STORAGE}/{each}", False) for each in ("write", "delete", "listKeys/action", "regenerateKey/action")),
            *((f"{_STORAGE}/{each}", False) for each in ("listAccountSas/action", "listServiceSas/action")),
            (f"{_TABLE}/delete", False),
            (f"{_BLOB}/delete", False),
            # What keeps evidence and checkpoints from being changed, as long as it is not locked.
            *((f"{_BLOB}/immutabilityPolicies/{each}", False) for each in ("write", "delete")),
        ),
        "bypass": tuple((each, False) for each in _BYPASS),
    },
}
"""For each kind of resource, what makes up each right; any one of its actions is enough for it."""

DEAD_LETTERS = "/blobservices/default/containers/dead-letters/"
"""Where in the account batches of events are kept that Event Grid could not deliver, in lower case."""

# The built-in role for tables carries these beside what the app calls; the one for blobs is what the Functions host asks.
_CARRIED = frozenset(
    {
        *((f"{_TABLE}/entities/{each}", True) for each in ("add/action", "update/action")),
        *((f"{_BLOB}/blobs/{each}", True) for each in ("delete", "add/action", "move/action")),
        (f"{_TABLE}/delete", False),
        (f"{_BLOB}/delete", False),
        *((f"{_BLOB}/immutabilityPolicies/{each}", False) for each in ("write", "delete")),
    }
)


def designed(kind: Kind, part: Part) -> frozenset[Action]:
    """The actions that the design gives an app on a resource, with what the roles it asks for carry besides."""
    asked = frozenset(action for each in needed(kind, part) for action in each.each)
    return asked | _CARRIED if kind == "storage" else asked
