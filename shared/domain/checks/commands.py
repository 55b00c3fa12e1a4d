"""The commands that mend or show what a check found, ready for a shell.

Syntax: learn.microsoft.com/cli/azure. What stands in `<angle brackets>` is for the reader to fill in.
"""

import shlex

from shared.domain.needed_actions import Needed
from shared.domain.resource_ids import Resource, segments

PROVISION = "azd provision"
"""Makes what infra/ says, and leaves alone what is there."""


def register_provider(namespace: str, subscription: str) -> str:
    """Registers a resource provider; takes some minutes."""
    return shlex.join(["az", "provider", "register", "--namespace", namespace, "--subscription", subscription])


def show_provider(namespace: str, subscription: str) -> str:
    """Shows how far the registration of a provider is."""
    words = ["az", "provider", "show", "--namespace", namespace, "--subscription", subscription]
    return shlex.join([*words, "--query", "registrationState"])


def list_workspaces(subscription: str) -> str:
    """Lists the workspaces of a subscription by id."""
    return shlex.join(["az", "ml", "workspace", "list", "--subscription", subscription, "--query", "[].id"])


def show_registry(name: str) -> str:
    """Shows a registry to whoever may read it."""
    return shlex.join(["az", "ml", "registry", "show", "--name", name])


def login(tenant: str) -> str:
    """Signs in at a tenant."""
    return shlex.join(["az", "login", "--tenant", tenant])


def list_roles(principal: str, scope: str) -> str:
    """Shows the roles of a principal on a scope, inherited and by groups too."""
    words = ["az", "role", "assignment", "list", "--assignee", principal, "--scope", scope]
    return shlex.join([*words, "--include-inherited", "--include-groups", "--output", "table"])


def list_definitions(scope: str) -> str:
    """Prints the roles that can be assigned at a scope, custom ones too."""
    return shlex.join(["az", "role", "definition", "list", "--scope", scope, "--output", "json"])


def list_denials(scope: str) -> str:
    """Shows what is denied at a scope; the Azure CLI has no command of its own for it."""
    path = f"{scope}/providers/Microsoft.Authorization/denyAssignments?api-version=2022-04-01"
    return shlex.join(["az", "rest", "--method", "get", "--url", path])


def assign(needed: Needed, principal: str, principal_type: str, scope: str) -> str:
    """Gives a principal a role at a scope; one of Clearance's own is looked up there by its name."""
    words = ["az", "role", "assignment", "create", "--assignee-object-id", principal]
    words += ["--assignee-principal-type", principal_type, "--scope", scope, "--role"]
    if not needed.own:
        return shlex.join([*words, needed.role])
    found = shlex.join(["az", "role", "definition", "list", "--custom-role-only", "--output", "tsv", "--scope", scope])
    query = f"[?starts_with(roleName, '{needed.role} (')].name | [0]"
    return f'{shlex.join(words)} "$({found} --query "{query}")"'


def show_subscription(topic: str, name: str) -> str:
    """Shows a subscription of a system topic, by the topic's id."""
    parts = segments(topic)
    words = ["az", "eventgrid", "system-topic", "event-subscription", "show", "--name", name]
    words += ["--system-topic-name", parts[-1], "--resource-group", parts[3], "--subscription", parts[1]]
    return shlex.join(words)


def list_topics(workspace: Resource) -> str:
    """Shows the system topics beside a workspace."""
    words = ["az", "eventgrid", "system-topic", "list", "--resource-group", workspace.group]
    return shlex.join([*words, "--subscription", workspace.subscription, "--output", "table"])


def make_storage_part(service: str, name: str, account: str) -> str:
    """Makes a table, a queue or a container."""
    words = ["az", "storage", service, "create", "--name", name, "--account-name", account]
    return shlex.join([*words, "--auth-mode", "login"])


def show_account(account: str) -> str:
    """Shows who may reach a storage account over the network."""
    query = "{public: publicNetworkAccess, rules: networkRuleSet}"
    return shlex.join(["az", "storage", "account", "show", "--name", account, "--query", query])


def list_dead_letters(account: str, container: str) -> str:
    """Lists what could not be delivered."""
    words = ["az", "storage", "blob", "list", "--container-name", container, "--account-name", account]
    return shlex.join([*words, "--auth-mode", "login", "--output", "table"])


def peek(queue: str, account: str) -> str:
    """Shows the first messages of a queue without taking them."""
    words = ["az", "storage", "message", "peek", "--queue-name", queue, "--account-name", account]
    return shlex.join([*words, "--num-messages", "5", "--auth-mode", "login"])


def show_reference(name: str) -> str:
    """Shows how a setting that refers to Key Vault was resolved, and not the secret.

    learn.microsoft.com/rest/api/appservice/web-apps/get-app-setting-key-vault-reference.
    """
    app = "az functionapp show --name '<app>' --resource-group '<group>' --query id --output tsv"
    path = f"config/configreferences/appsettings/{shlex.quote(name)}?api-version=2024-11-01"
    return f'az rest --method get --url "$({app})/{path}" --query properties.status'


def set_setting(name: str) -> str:
    """Sets one app setting."""
    words = ["az", "functionapp", "config", "appsettings", "set", "--name", "<app>", "--resource-group", "<group>"]
    return shlex.join([*words, "--settings", f"{name}=<value>"])


def get(url: str) -> str:
    """Asks for a URL, and shows status and headers too."""
    return shlex.join(["curl", "-sSi", url])
