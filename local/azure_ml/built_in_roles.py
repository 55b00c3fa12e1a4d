"""Some of Azure's built-in roles: GUID, actions, exceptions, actions on data, exceptions from those.

From learn.microsoft.com/azure/role-based-access-control/built-in-roles, reads of authorization and monitoring left out.
"""

_ML = "Microsoft.MachineLearningServices"
_STORAGE = "Microsoft.Storage/storageAccounts"
_TABLES = f"{_STORAGE}/tableServices/tables"
_QUEUES = f"{_STORAGE}/queueServices/queues"
_BLOBS = f"{_STORAGE}/blobServices/containers"

Lists = tuple[str, ...]

BUILT_IN: dict[str, tuple[str, Lists, Lists, Lists, Lists]] = {
    "Owner": ("8e3af657-a8ff-443c-a75c-2fe8c4bcb635", ("*",), (), (), ()),
    "Contributor": (
        "b24988ac-6180-42a0-ab88-20f7382dd24c",
        ("*",),
        (
            "Microsoft.Authorization/*/Delete",
            "Microsoft.Authorization/*/Write",
            "Microsoft.Authorization/elevateAccess/Action",
        ),
        (),
        (),
    ),
    "Reader": ("acdd72a7-3385-48ef-bd42-f606fba81ae7", ("*/read",), (), (), ()),
    "User Access Administrator": (
        "18d7d88d-d35e-4fb5-a5c3-7773c20a72d9",
        ("*/read", "Microsoft.Authorization/*", "Microsoft.Support/*"),
        (),
        (),
        (),
    ),
    "AzureML Data Scientist": (
        "f6c7c914-8db3-469d-8ca1-694a8f32e121",
        tuple(f"{_ML}/workspaces/*/{each}" for each in ("read", "action", "delete", "write")),
        (
            f"{_ML}/workspaces/delete",
            f"{_ML}/workspaces/write",
            f"{_ML}/workspaces/computes/*/write",
            f"{_ML}/workspaces/computes/*/delete",
            f"{_ML}/workspaces/computes/listKeys/action",
            f"{_ML}/workspaces/listKeys/action",
        ),
        (),
        (),
    ),
    "AzureML Registry User": (
        "1823dd4f-9b8c-4ab6-ab4e-7397a3684615",
        (f"{_ML}/registries/read", f"{_ML}/registries/assets/*"),
        (),
        (),
        (),
    ),
    "Storage Table Data Contributor": (
        "0a9a7e1f-b9d0-4cc4-a60d-0319b160aaa3",
        tuple(f"{_TABLES}/{each}" for each in ("read", "write", "delete")),
        (),
        tuple(f"{_TABLES}/entities/{each}" for each in ("read", "write", "delete", "add/action", "update/action")),
        (),
    ),
    "Storage Queue Data Contributor": (
        "974c5e8b-45b9-4653-ba55-5f855dd0fb88",
        tuple(f"{_QUEUES}/{each}" for each in ("read", "write", "delete")),
        (),
        tuple(f"{_QUEUES}/messages/{each}" for each in ("read", "write", "delete", "process/action")),
        (),
    ),
    "Storage Queue Data Message Sender": (
        "c6a89b2d-59bc-44d0-9896-0f6e12d7b80a",
        (),
        (),
        (f"{_QUEUES}/messages/add/action",),
        (),
    ),
    "Storage Queue Data Reader": (
        "19e7f393-937e-4f77-808e-94535e297925",
        (f"{_QUEUES}/read",),
        (),
        (f"{_QUEUES}/messages/read",),
        (),
    ),
    "Storage Blob Data Owner": (
        "b7e6dc6d-f1e8-4753-8033-0f276bb0955b",
        (f"{_BLOBS}/*", f"{_STORAGE}/blobServices/generateUserDelegationKey/action"),
        (),
        (f"{_BLOBS}/blobs/*",),
        (),
    ),
    "Storage Blob Data Contributor": (
        "ba92f5b4-2d11-453d-a403-e96b0029c9fe",
        tuple(f"{_BLOBS}/{each}" for each in ("read", "write", "delete")),
        (),
        tuple(f"{_BLOBS}/blobs/{each}" for each in ("read", "write", "delete", "add/action", "move/action")),
        (),
    ),
    "Key Vault Secrets User": (
        "4633458b-17de-408a-b874-0445c86b69e6",
        (),
        (),
        tuple(f"Microsoft.KeyVault/vaults/secrets/{each}/action" for each in ("getSecret", "readMetadata")),
        (),
    ),
    "Monitoring Metrics Publisher": (
        "3913510d-42f4-4e42-8a64-420c390055eb",
        ("Microsoft.Insights/Register/Action",),
        (),
        ("Microsoft.Insights/Metrics/Write", "Microsoft.Insights/Telemetry/Write"),
        (),
    ),
    "EventGrid Data Sender": (
        "d5a91429-5739-47e2-a06b-3470a27159e7",
        ("Microsoft.EventGrid/topics/read", "Microsoft.EventGrid/domains/read"),
        (),
        ("Microsoft.EventGrid/events/send/action",),
        (),
    ),
}
