"""Readers of settings that are one text, number or address: text in, value out."""

import re
from datetime import timedelta
from pathlib import Path
from urllib.parse import urlsplit

from shared.domain.visible import quoted
from shared.settings.setting import Faulty

_GUID = re.compile(r"[0-9A-Fa-f]{8}-(?:[0-9A-Fa-f]{4}-){3}[0-9A-Fa-f]{12}")
_ACCOUNT = re.compile(r"[a-z0-9]{3,24}")
_LONGEST_WAIT = timedelta(days=365)
_LOOPBACK = ("127.0.0.1", "localhost", "::1")


_LONGEST_QUOTED = 36
"""Characters of a GUID. Keys, tokens and connection strings are longer: one in the wrong setting must not be shown."""


def shown(value: str) -> str:
    """What was found, in quotation marks; of a text that is long, or assigns something, only how long it is."""
    harmless = len(value) <= _LONGEST_QUOTED and "=" not in value
    return quoted(value) if harmless else f"a text of {len(value)} characters"


def text(value: str) -> str:
    """Any text."""
    return value


def token(value: str) -> str:
    """A bearer token as it may stand in a header; what is wrong with it is said without a character of it."""
    if not re.fullmatch(r"[!-~]+", value):
        raise Faulty("a text with a blank, a line break or something else that is not plain ASCII")
    return value


def whole_number(value: str) -> int:
    """A whole number from 0 on."""
    if not re.fullmatch(r"[0-9]{1,15}", value):
        raise Faulty(shown(value))
    return int(value)


def truth(value: str) -> bool:
    """`true` or `false`, in any case: Bicep writes `True`."""
    if value.casefold() not in ("true", "false"):
        raise Faulty(shown(value))
    return value.casefold() == "true"


def seconds(value: str) -> float:
    """A number of seconds, above 0 and at most a year."""
    if not re.fullmatch(r"[0-9]{1,9}(\.[0-9]{1,6})?", value) or not 0 < float(value) <= _LONGEST_WAIT.total_seconds():
        raise Faulty(shown(value))
    return float(value)


def wait(value: str) -> timedelta:
    """The same, as a duration."""
    return timedelta(seconds=seconds(value))


def guid(value: str) -> str:
    """A GUID, in lower case."""
    if not _GUID.fullmatch(value):
        raise Faulty(shown(value))
    return value.casefold()


def folder(value: str) -> Path:
    """An absolute folder, or one below the app's own."""
    return Path(__file__).parents[2] / value


def path(value: str) -> str:
    """A path on our own site: one slash at its beginning, never two, which would be another site."""
    if not re.fullmatch(r"/[A-Za-z0-9._-][A-Za-z0-9._/-]*", value):
        raise Faulty(shown(value))
    return value


def account_name(value: str) -> str:
    """The name of a storage account."""
    if not _ACCOUNT.fullmatch(value):
        raise Faulty(shown(value))
    return value


def web_address(value: str) -> str:
    """An https URL, or http on the loopback; without a slash at the end."""
    try:
        parts = urlsplit(value)
        host, named, _ = parts.netloc, parts.hostname, parts.port
    except ValueError:
        raise Faulty("something that is no URL") from None
    open_ = parts.scheme == "http" and named in _LOOPBACK
    if not (parts.scheme == "https" or open_) or not named or "@" in host or parts.query or parts.fragment:
        raise Faulty(_hidden(host, parts.query + parts.fragment) or (quoted if host else shown)(value))
    return value.rstrip("/")


def _hidden(host: str, tail: str) -> str | None:
    """What to say of a URL that may carry a secret, in place of the URL."""
    if "@" in host:
        return "a URL with a user"
    return "a URL with a query or a fragment" if tail else None


def component(value: str) -> str:
    """A connection string of Application Insights: its key is a GUID, its endpoint an https URL, and no host is guessed."""
    parts = {name.casefold(): text for name, _, text in (part.partition("=") for part in value.split(";"))}
    faults = []
    if not _GUID.fullmatch(parts.get("instrumentationkey", "")):
        faults.append("a connection string whose InstrumentationKey is no GUID")
    if urlsplit(parts.get("ingestionendpoint", "")).scheme != "https":
        faults.append("a connection string without an https IngestionEndpoint")
    if faults:
        raise Faulty(*faults)
    return value


def connection_string(value: str) -> str:
    """A storage connection string; `UseDevelopmentStorage=true` is spelled out, for the Python clients do not know it."""
    if value.rstrip(";").casefold() == "usedevelopmentstorage=true":
        return _DEVELOPMENT
    parts = {part.partition("=")[0].casefold() for part in value.split(";") if part}
    reachable = "accountname" in parts and parts & {"accountkey", "sharedaccesssignature"}
    if not (reachable or {"sharedaccesssignature", "tableendpoint", "queueendpoint", "blobendpoint"} <= parts):
        raise Faulty("something that is no storage connection string")
    return value


# The one account of the storage emulator and its published key: learn.microsoft.com/azure/storage/common/storage-use-azurite
_DEVELOPMENT = (
    "DefaultEndpointsProtocol=http;AccountName=devstoreaccount1;AccountKey="
    "Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw==;"
    "BlobEndpoint=http://127.0.0.1:10000/devstoreaccount1;QueueEndpoint=http://127.0.0.1:10001/devstoreaccount1;"
    "TableEndpoint=http://127.0.0.1:10002/devstoreaccount1;"
)
