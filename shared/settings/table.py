"""Every setting of the app, once: parsing, docs/configuration.md and the tests are driven by this table."""

from typing import Any, Final

from shared.settings import json_readers, readers, senders
from shared.settings.setting import Setting
from shared.settings.waits import WAITS

_GOVERNED = "What is governed"
_ANSWERS = "Who answers"
_AZURE = "Where Azure is"
_STORAGE = "Storage"
_COMMAND = "The command line"

_GUID = "a GUID"
_SAMPLE_GUID = "6f1f3c52-0d8e-4a54-9a3f-2f0c6d1f9b11"
_SAMPLE_WORKSPACE = (
    '{"risk-dev": "/subscriptions/6f1f3c52-0d8e-4a54-9a3f-2f0c6d1f9b11/resourceGroups/rg-risk'
    '/providers/Microsoft.MachineLearningServices/workspaces/risk-dev"}'
)
_URL = "an https URL (http on 127.0.0.1 alone)"
_HOSTS = "a JSON list of hosts: host, host:port, or .suffix"

WORKSPACES: Final = Setting(
    "CLEARANCE_WORKSPACES",
    _GOVERNED,
    "The workspaces that Clearance governs, each under the short alias that begins the ids of its promotions.",
    "a JSON object, alias to ARM resource id of a workspace",
    _SAMPLE_WORKSPACE,
    json_readers.workspaces,
    required=True,
)
REGISTRIES: Final = Setting(
    "CLEARANCE_REGISTRIES",
    _GOVERNED,
    "The shared registries that may be read and imported into; any other is refused.",
    "a JSON list of one or more names",
    '["contoso-shared", "contoso-eu"]',
    json_readers.registries,
    required=True,
)
GOVERNED_FROM: Final = Setting(
    "CLEARANCE_GOVERNED_FROM",
    _GOVERNED,
    "Since when a workspace is governed: older versions are counted, never evaluated until someone asks. "
    "For a workspace not named here it is the first start.",
    "a JSON object, alias to instant with time zone",
    '{"risk-dev": "2026-11-23T00:00:00Z"}',
    json_readers.instants_by_alias,
    default="{}",
)
POLICIES: Final = Setting(
    "CLEARANCE_POLICIES",
    _GOVERNED,
    "The folder of policies and of directory/people.yaml, absolute or below the app's own folder.",
    "a folder",
    "policies",
    readers.folder,
    default="policies",
)
POLICY_BUILD: Final = Setting(
    "POLICY_BUILD",
    _GOVERNED,
    "Grows with every deployment: an instance with a smaller one neither evaluates nor imports.",
    "a whole number, by custom the UTC seconds of the deployment",
    "1795420800",
    readers.whole_number,
    required=True,
)
PROMOTES: Final = Setting(
    "CLEARANCE_PROMOTES",
    _GOVERNED,
    "false in an app that faces people alone, while another does the work: it reaches no workspace and no registry, and "
    "its health does not ask for any.",
    "true or false",
    "true",
    readers.truth,
    default="true",
)

SENDERS: Final = Setting(
    "CLEARANCE_SENDERS",
    _ANSWERS,
    "Who may send decisions by webhook: each sender with one or two live keys (Standard Webhooks, 24 to 64 bytes) and "
    "the ids in directory/people.yaml of the people it may speak for.",
    "a JSON object, sender to keys and people",
    '{"chat": {"keys": ["whsec_<base64>"], "people": ["rosa.risk"]}}',
    senders.senders,
    default="{}",
    secret=True,
)
PUBLIC_URL: Final = Setting(
    "CLEARANCE_PUBLIC_URL",
    _ANSWERS,
    "How people reach the pages; it stands in events.",
    _URL,
    "https://clearance.contoso.com",
    readers.web_address,
    required=True,
)
TENANT_ID: Final = Setting(
    "CLEARANCE_TENANT_ID",
    _ANSWERS,
    "The Entra tenant whose people sign in.",
    _GUID,
    _SAMPLE_GUID,
    readers.guid,
    required=True,
)
CLIENT_ID: Final = Setting(
    "CLEARANCE_CLIENT_ID",
    _ANSWERS,
    "The app registration that people sign in with. Without it nobody can sign in; webhooks are taken all the same.",
    _GUID,
    _SAMPLE_GUID,
    readers.guid,
)
ISSUER: Final = Setting(
    "CLEARANCE_ISSUER",
    _ANSWERS,
    "Who issues the tokens of people. Without it: https://login.microsoftonline.com/<tenant>/v2.0.",
    _URL,
    "https://login.microsoftonline.us/6f1f3c52-0d8e-4a54-9a3f-2f0c6d1f9b11/v2.0",
    readers.web_address,
)
JWKS_URI: Final = Setting(
    "CLEARANCE_JWKS_URI",
    _ANSWERS,
    "Where the issuer's keys are. Without it the issuer's discovery document is asked.",
    _URL,
    "https://login.microsoftonline.com/common/discovery/v2.0/keys",
    readers.web_address,
)
SIGN_IN_PATH: Final = Setting(
    "CLEARANCE_SIGN_IN_PATH",
    _ANSWERS,
    "Where a browser signs in, on the app's own site; the default is App Service's.",
    "a path",
    "/.auth/login/aad",
    readers.path,
    default="/.auth/login/aad",
)
READERS: Final = Setting(
    "CLEARANCE_WORKSPACE_READERS",
    _ANSWERS,
    "Whose people may read a workspace: groups of directory/people.yaml. A workspace not named here is read by "
    "everybody who has a role.",
    "a JSON object, alias to list of groups",
    '{"risk-dev": ["risk-team", "risk-officers"]}',
    json_readers.groups_by_alias,
    default="{}",
)

TOPIC: Final = Setting(
    "CLEARANCE_TOPIC_ENDPOINT",
    _AZURE,
    "The Event Grid custom topic that takes our events. Without it they stay in the history and reach nobody.",
    _URL,
    "https://clearance.westeurope-1.eventgrid.azure.net/api/events",
    readers.web_address,
)
IDENTITY_CLIENT_ID: Final = Setting(
    "AZURE_CLIENT_ID",
    _AZURE,
    "The client id of the app's user-assigned identity. Without it the system-assigned one is used, or whoever is "
    "signed in on this machine.",
    _GUID,
    _SAMPLE_GUID,
    readers.guid,
)
IDENTITY_ENDPOINT: Final = Setting(
    "IDENTITY_ENDPOINT",
    _AZURE,
    "Set by the platform: where tokens of the managed identity come from. Present, it is the only identity tried.",
    "a URL",
    "http://127.0.0.1:41741/msi/token",
    readers.text,
)
CA_BUNDLE: Final = Setting(
    "REQUESTS_CA_BUNDLE",
    _AZURE,
    "A PEM file of authorities to trust in place of the usual ones.",
    "a file",
    "/etc/ssl/certs/contoso.pem",
    readers.text,
)
CLOUD: Final = Setting(
    "CLEARANCE_CLOUD",
    _AZURE,
    "A cloud other than the public one, as azure-ai-ml takes it: cloud and cloud_metadata.",
    f"a JSON object with name and metadata ({', '.join(json_readers.CLOUD_KEYS)})",
    '{"name": "AzureUSGovernment", "metadata": {...}}',
    json_readers.cloud,
)
TRACKING_HOSTS: Final = Setting(
    "CLEARANCE_TRACKING_HOSTS",
    _AZURE,
    "The host of a workspace's MLflow endpoint. Where it is not named, the workspace is asked for it.",
    "a JSON object, alias to host or host:port",
    '{"risk-dev": "westeurope.api.azureml.ms"}',
    json_readers.hosts_by_alias,
    default="{}",
)
TRUSTED_HOSTS: Final = Setting(
    "CLEARANCE_TRUSTED_HOSTS",
    _AZURE,
    "Hosts besides the cloud's own that may get the app's token for Azure ML.",
    _HOSTS,
    '[".api.azureml.ms"]',
    json_readers.hosts,
    default='[".api.azureml.ms"]',
)
ARTIFACT_HOSTS: Final = Setting(
    "CLEARANCE_ARTIFACT_HOSTS",
    _AZURE,
    "Hosts whose blobs are listed with the signature that Azure ML hands out. An empty list spares the app that right, "
    "and files are then not compared.",
    _HOSTS,
    '[".blob.core.windows.net"]',
    json_readers.hosts,
    default='[".blob.core.windows.net"]',
)
AZURE_ML_TIMEOUT: Final = Setting(
    "CLEARANCE_AZURE_ML_TIMEOUT",
    _AZURE,
    "How many seconds one answer of Azure ML is waited for.",
    "seconds, above 0",
    "30",
    readers.seconds,
    default="30",
)
TELEMETRY: Final = Setting(
    "APPLICATIONINSIGHTS_CONNECTION_STRING",
    _AZURE,
    "The Application Insights component that takes traces and measures, sent with the app's identity. Without it none "
    "are sent.",
    "a connection string with InstrumentationKey and an https IngestionEndpoint",
    "InstrumentationKey=6f1f3c52-0d8e-4a54-9a3f-2f0c6d1f9b11;"
    "IngestionEndpoint=https://westeurope-5.in.applicationinsights.azure.com/",
    readers.component,
    secret=True,
)
SITE_NAME: Final = Setting(
    "WEBSITE_SITE_NAME",
    _AZURE,
    "Set by the platform: the app's name, under which its telemetry is shown.",
    "a text",
    "func-clearance-4f2a",
    readers.text,
    default="clearance",
)

STORAGE: Final = Setting(
    "AzureWebJobsStorage",
    _STORAGE,
    "The connection string of the storage account, for a machine of one's own. In Azure the account is named instead.",
    "a storage connection string",
    "UseDevelopmentStorage=true",
    readers.connection_string,
    secret=True,
)
STORAGE_ACCOUNT: Final = Setting(
    "AzureWebJobsStorage__accountName",
    _STORAGE,
    "The name of the storage account, reached with the app's identity.",
    "3 to 24 lower-case letters and digits",
    "stclearance",
    readers.account_name,
)
STORAGE_CLIENT_ID: Final = Setting(
    "AzureWebJobsStorage__clientId",
    _STORAGE,
    "The client id of the identity for storage; it must be that of AZURE_CLIENT_ID where both are set.",
    _GUID,
    _SAMPLE_GUID,
    readers.guid,
)

SERVER: Final = Setting(
    "CLEARANCE_SERVER",
    _COMMAND,
    "The app that commands speak to; --server wins.",
    _URL,
    "https://clearance.contoso.com",
    readers.web_address,
    default="http://127.0.0.1:7071",
)
TOKEN: Final = Setting(
    "CLEARANCE_TOKEN",
    _COMMAND,
    "The bearer token of whoever runs a command.",
    "a token, without Bearer before it",
    "eyJ0eXAiOiJKV1QiLCJhbGciOi...",
    readers.token,
    secret=True,
)
WEBHOOK_KEY: Final = Setting(
    "CLEARANCE_WEBHOOK_KEY",
    _COMMAND,
    "The key that `clearance webhook send` signs with; never an argument, for those stand in process lists.",
    "whsec_ and base64",
    "whsec_<base64>",
    senders.webhook_key,
    secret=True,
)

APP: tuple[Setting[Any], ...] = (
    *(WORKSPACES, REGISTRIES, GOVERNED_FROM, POLICIES, POLICY_BUILD, PROMOTES),
    *(SENDERS, PUBLIC_URL, TENANT_ID, CLIENT_ID, ISSUER, JWKS_URI, SIGN_IN_PATH, READERS),
    *(TOPIC, IDENTITY_CLIENT_ID, IDENTITY_ENDPOINT, CA_BUNDLE, CLOUD, TRACKING_HOSTS, TRUSTED_HOSTS, ARTIFACT_HOSTS),
    *(AZURE_ML_TIMEOUT, TELEMETRY, SITE_NAME, STORAGE, STORAGE_ACCOUNT, STORAGE_CLIENT_ID),
    *WAITS.values(),
)
COMMAND_LINE: tuple[Setting[Any], ...] = (SERVER, TOKEN, WEBHOOK_KEY)
TABLE = (*APP, *COMMAND_LINE)
