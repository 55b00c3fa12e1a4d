"""Readers of settings that are JSON: text in, value out, every fault of the text at once."""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from shared.domain.errors import DocumentInvalid, InvalidId
from shared.domain.ids import checked
from shared.domain.mending import WorkspaceAddress
from shared.domain.strict_json import loads
from shared.domain.visible import quoted
from shared.settings.places import CloudPlace, topic_of
from shared.settings.setting import Faulty

_LARGEST = 64 * 1024
_ALIAS = "1 to 32 lower-case letters, digits and hyphens"
_ARM_ID = re.compile(
    r"/subscriptions/([^/]+)/resourceGroups/([^/]+)/providers/Microsoft\.MachineLearningServices/workspaces/([^/]+)/?",
    re.IGNORECASE,
)
_HOST = re.compile(r"\.?[A-Za-z0-9](?:[A-Za-z0-9.-]*[A-Za-z0-9])?(?::[0-9]{1,5})?")
CLOUD_KEYS = (
    "azure_portal",
    "resource_manager",
    "active_directory",
    "aml_resource_id",
    "storage_endpoint",
    "registry_discovery_endpoint",
)


def hosts(value: str) -> tuple[str, ...]:
    """A JSON list of `host`, `host:port` or `.suffix`."""
    return _each(_texts(value), lambda item: _fitting(_HOST, item))


def registries(value: str) -> tuple[str, ...]:
    """A JSON list of one or more registry names, none twice."""
    names = _each(_texts(value), lambda item: _checked("registry", item))
    if not names:
        raise Faulty("an empty list")
    if twice := sorted({name for name in names if names.count(name) > 1}):
        raise Faulty(*(f"{quoted(name)} twice" for name in twice))
    return names


def workspaces(value: str) -> Mapping[str, WorkspaceAddress]:
    """A JSON object of one or more aliases, each to the ARM id of another workspace."""
    found = _by_alias(value, _workspace)
    if not found:
        raise Faulty("an empty object")
    first: dict[str, str] = {}
    for alias, place in found.items():
        if (other := first.setdefault(topic_of(place), alias)) != alias:
            raise Faulty(f"one workspace under two aliases, {quoted(other)} and {quoted(alias)}")
    return found


def hosts_by_alias(value: str) -> Mapping[str, str]:
    """A JSON object, alias to `host` or `host:port`."""
    return _by_alias(value, lambda item: _fitting(_HOST, item))


def instants_by_alias(value: str) -> Mapping[str, datetime]:
    """A JSON object, alias to instant."""
    return _by_alias(value, _instant)


def groups_by_alias(value: str) -> Mapping[str, tuple[str, ...]]:
    """A JSON object, alias to a list of groups."""
    return _by_alias(value, _groups)


def cloud(value: str) -> CloudPlace:
    """A JSON object with `name` and `metadata`."""
    found = json_object(value)
    metadata = found.get("metadata")
    faults = [] if isinstance(found.get("name"), str) and found["name"] else ["no name"]
    given = metadata if isinstance(metadata, dict) else {}
    faults += [f"no {key} in its metadata" for key in CLOUD_KEYS if not isinstance(given.get(key), str)]
    faults += [f"the unknown key {quoted(key)}" for key in sorted({*found} - {"name", "metadata"})]
    if faults:
        raise Faulty(*faults)
    return CloudPlace(found["name"], {key: given[key] for key in CLOUD_KEYS})


def _json(value: str) -> Any:
    try:
        return loads(value.encode(), max_bytes=_LARGEST, max_depth=8)
    except DocumentInvalid as fault:
        raise Faulty(*(fault_.rstrip(".") for fault_ in fault.faults)) from fault


def json_object(value: str) -> dict[str, Any]:
    """Any JSON object."""
    found = _json(value)
    if not isinstance(found, dict):
        raise Faulty(f"a JSON {type(found).__name__}, no object")
    return found


def _texts(value: str) -> list[str]:
    found = _json(value)
    if not isinstance(found, list) or not all(isinstance(item, str) for item in found):
        raise Faulty("no JSON list of texts")
    return found


def _each(items: list[str], read: Callable[[str], str]) -> tuple[str, ...]:
    return tuple(_collected(enumerate(items), lambda _place, item: read(item)).values())


def _by_alias(value: str, read: Callable[[Any], Any]) -> dict[str, Any]:
    found = json_object(value)
    strangers = [f"{quoted(alias)}, which is no alias: {_ALIAS}" for alias in found if not _is_alias(alias)]
    read_all: dict[str, Any] = _collected(found.items(), lambda alias, item: _under(alias, item, read), strangers)
    return read_all


def _under(alias: str, item: Any, read: Callable[[Any], Any]) -> Any:
    try:
        return read(item)
    except Faulty as faulty:
        raise Faulty(*(f"{fault} under {quoted(alias)}" for fault in faulty.found)) from None


def _collected(
    items: Iterable[tuple[Any, Any]], read: Callable[[Any, Any], Any], faults: Sequence[str] = ()
) -> dict[Any, Any]:
    """Read every item, and raise all their faults at once, after those known before."""
    found, all_faults = {}, [*faults]
    for key, item in items:
        try:
            found[key] = read(key, item)
        except Faulty as faulty:
            all_faults += faulty.found
    if all_faults:
        raise Faulty(*all_faults)
    return found


def _is_alias(text: str) -> bool:
    """Whether a text can be the alias of a workspace."""
    try:
        checked("workspace", text)
    except InvalidId:
        return False
    return True


def _checked(part: str, item: str) -> str:
    try:
        return checked(part, item)
    except InvalidId:
        raise Faulty(f"{quoted(item)}, which is no name of a {part}") from None


def _fitting(form: re.Pattern[str], item: Any) -> str:
    if not isinstance(item, str) or not form.fullmatch(item):
        raise Faulty(quoted(item) if isinstance(item, str) else f"a JSON {type(item).__name__}")
    return item


def _workspace(item: Any) -> WorkspaceAddress:
    parts = _ARM_ID.fullmatch(item) if isinstance(item, str) else None
    if parts is None:
        raise Faulty(f"{quoted(str(item))}, which is no ARM id of a workspace,")
    return WorkspaceAddress(*parts.groups())


def _instant(item: Any) -> datetime:
    try:
        instant = datetime.fromisoformat(item if isinstance(item, str) else "")
    except ValueError:
        raise Faulty(f"{quoted(str(item))}, which is no instant,") from None
    if instant.tzinfo is None:
        raise Faulty(f"{quoted(str(item))}, which carries no time zone,")
    return instant


def _groups(item: Any) -> tuple[str, ...]:
    if not isinstance(item, list) or not all(isinstance(group, str) and group for group in item):
        raise Faulty("no list of groups")
    return tuple(item)
