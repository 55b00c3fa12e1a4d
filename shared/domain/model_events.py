"""What Event Grid says about registered versions and ended runs, in every shape it is known to come in (R2, invariant 10).

Shapes: learn.microsoft.com/azure/event-grid/event-schema-machine-learning (Event Grid and CloudEvents schema,
PascalCase, version as an integer) and the payloads in the SDKs' tests (camelCase, version as text). Only workspace,
name and version are taken, or workspace and run; everything else is read back from Azure ML.
"""

import base64
import binascii
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from shared.domain.errors import DocumentInvalid, InvalidId
from shared.domain.ids import PromotionId
from shared.domain.strict_json import loads
from shared.domain.visible import quoted, visible

LARGEST = 1024 * 1024  # bytes; Event Grid takes no event above 1 MB
DEEPEST = 32
_REASONS_TOLD = 20
MODEL_REGISTERED = "microsoft.machinelearningservices.modelregistered"
RUN_COMPLETED = "microsoft.machinelearningservices.runcompleted"


@dataclass(frozen=True, slots=True)
class NotUnderstood:
    """One event of a message that says nothing we can act on."""

    reason: str


def reasons_in(read: Iterable[object]) -> str:
    """Why events of one message say nothing, in one text: the first twenty, and how many more; empty where none does."""
    reasons = [event.reason for event in read if isinstance(event, NotUnderstood)]
    more = len(reasons) - _REASONS_TOLD
    rest = [f"{more} more events say nothing that can be acted on."] if more > 0 else []
    return " ".join([*reasons[:_REASONS_TOLD], *rest])


@dataclass(frozen=True, slots=True)
class RunEnded:
    """A run of a workspace (by its alias) has ended well; its id is any text."""

    workspace: str
    run: str


Read = PromotionId | RunEnded | NotUnderstood


def read_model_events(body: bytes, topics: Mapping[str, str]) -> tuple[Read, ...]:
    """The versions and ended runs that a message tells of: one object or an array, as JSON or as base64 of it.

    Args:
        body: the message as it came.
        topics: lower-case ARM id of each governed workspace, to its alias.

    Raises:
        DocumentInvalid: the message is no JSON, in either form.
    """
    document = _document(body)
    events = document if isinstance(document, list) else [document]
    if not events:
        return (NotUnderstood("The message is an empty array: it announces nothing."),)
    return tuple(_read(event, topics) for event in events)


def _document(body: bytes) -> Any:
    try:
        return loads(body, max_bytes=LARGEST, max_depth=DEEPEST)
    except DocumentInvalid as plain:
        try:
            decoded = base64.b64decode(body.strip(), validate=True)
        except (binascii.Error, ValueError):
            raise plain from None
        if not decoded:
            raise
        return loads(decoded, max_bytes=LARGEST, max_depth=DEEPEST)


def _read(event: Any, topics: Mapping[str, str]) -> Read:
    if not isinstance(event, dict):
        return NotUnderstood(f"An event must be a JSON object, not {type(event).__name__}.")
    fields = {key.casefold(): value for key, value in event.items()}
    given = fields.get("data")
    data = {key.casefold(): value for key, value in given.items()} if isinstance(given, dict) else {}
    told = _run_ended if _type(fields) == RUN_COMPLETED else _registered
    faults = [*_type_faults(fields), *_topic_faults(fields, topics)]
    return told(fields, data, topics.get(_topic(fields), ""), faults)


def _registered(fields: Mapping[str, Any], data: Mapping[str, Any], workspace: str, faults: list[str]) -> Read:
    name, version = data.get("modelname"), _version(data.get("modelversion"))
    if not isinstance(name, str) or version is None:
        faults.append('Its data must hold "modelName" as text and "modelVersion" as text or a whole number.')
    elif fields.get("subject") not in (None, "", f"models/{name}:{version}"):
        faults.append(f"Its subject {_shown(fields['subject'])} does not fit its data, models/{name}:{version}.")
    if faults or not isinstance(name, str) or version is None:
        return NotUnderstood(" ".join(faults))
    try:
        return PromotionId(workspace, name, version)
    except InvalidId as fault:
        return NotUnderstood(str(fault))


def _run_ended(fields: Mapping[str, Any], data: Mapping[str, Any], workspace: str, faults: list[str]) -> Read:
    run, subject = data.get("runid"), fields.get("subject")
    if not isinstance(run, str) or not run:
        faults.append('Its data must hold "runId" as text.')
    elif subject not in (None, "") and not str(subject).endswith(f"/runs/{run}"):
        faults.append(f"Its subject {_shown(subject)} does not fit its data, runs/{visible(run)}.")
    return RunEnded(workspace, str(run)) if not faults else NotUnderstood(" ".join(faults))


def _type(fields: Mapping[str, Any]) -> str | None:
    type_ = fields.get("eventtype", fields.get("type"))
    return type_.casefold() if isinstance(type_, str) else None


def _type_faults(fields: Mapping[str, Any]) -> list[str]:
    if _type(fields) in (MODEL_REGISTERED, RUN_COMPLETED):
        return []
    shown = _shown(fields.get("eventtype", fields.get("type")))
    return [f"Its type is {shown}; expected Microsoft.MachineLearningServices.ModelRegistered or .RunCompleted."]


def _topic_faults(fields: Mapping[str, Any], topics: Mapping[str, str]) -> list[str]:
    if _topic(fields) in topics:
        return []
    topic = fields.get("topic", fields.get("source"))
    return [f"Its topic {_shown(topic)} is none of the governed workspaces; add it to CLEARANCE_WORKSPACES or stop it."]


def _topic(fields: Mapping[str, Any]) -> str:
    topic = fields.get("topic", fields.get("source"))
    return topic.casefold().rstrip("/") if isinstance(topic, str) else ""


def _version(value: Any) -> str | None:
    if isinstance(value, bool) or not isinstance(value, str | int):
        return None
    return str(value)


def _shown(value: Any) -> str:
    return quoted(value) if isinstance(value, str) else f"of JSON type {type(value).__name__}"
