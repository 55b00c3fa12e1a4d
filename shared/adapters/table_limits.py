"""What Table Storage takes, refused here with a sentence: Azurite lets most of it pass, and the service says only 400.

Limits: learn.microsoft.com/rest/api/storageservices/Understanding-the-Table-Service-Data-Model, read 2026-11.
"""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from shared.domain.errors import DocumentInvalid

MAX_ENTITY_BYTES = 1024 * 1024
MAX_PROPERTIES = 252
MAX_NAME = 255
MAX_STRING_UNITS = 32 * 1024
MAX_BINARY_BYTES = 64 * 1024
MAX_KEY_UNITS = 512
MAX_OPERATIONS = 100
MAX_TRANSACTION_BYTES = 4 * 1024 * 1024

_KEYS = ("PartitionKey", "RowKey")
_FORBIDDEN_IN_KEYS = re.compile(r"[/\\#?\x00-\x1f\x7f-\x9f]")
_PROPERTY_NAME = re.compile(r"[^\W\d]\w*")
_OPERATION_OVERHEAD = 1024  # the MIME part around each operation: measured at 700 bytes with the longest keys we make


def check_entity(entity: Mapping[str, Any]) -> None:
    """Refuse what the service would.

    Raises:
        DocumentInvalid: with every limit that is passed, and by how much.
    """
    if faults := list(_faults(entity)):
        raise DocumentInvalid(f"The row {entity.get('PartitionKey')!s:.80} {entity.get('RowKey')!s:.80}", faults)


def check_transaction(operations: Sequence[Sequence[Any]]) -> None:
    """Refuse a transaction the service would not take whole. It is never split: then it would be none.

    Args:
        operations: (verb, entity, ...) as the client takes them.

    Raises:
        DocumentInvalid: with every limit that is passed.
    """
    faults = [fault for operation in operations for fault in _faults(operation[1])]
    if len(operations) > MAX_OPERATIONS:
        faults.append(f"It has {len(operations)} operations, a transaction takes {MAX_OPERATIONS}.")
    if len({operation[1]["PartitionKey"] for operation in operations}) > 1:
        faults.append("Its rows stand in several partitions, a transaction takes one.")
    size = sum(_payload(operation[1]) for operation in operations)
    if size > MAX_TRANSACTION_BYTES:
        faults.append(f"It is {size} bytes long, a transaction takes {MAX_TRANSACTION_BYTES}.")
    if faults:
        raise DocumentInvalid("The transaction", faults)


def batches(operations: Sequence[Sequence[Any]]) -> Iterator[list[Any]]:
    """Cut operations that need not happen together into transactions that are as large as may be.

    Raises:
        DocumentInvalid: one of them is too large by itself.
    """
    batch: list[Any] = []
    size = 0
    for operation in operations:
        check_entity(operation[1])
        payload = _payload(operation[1])
        if batch and (len(batch) == MAX_OPERATIONS or size + payload > MAX_TRANSACTION_BYTES):
            yield batch
            batch, size = [], 0
        batch.append(operation)
        size += payload
    if batch:
        yield batch


def entity_bytes(entity: Mapping[str, Any]) -> int:
    """The size the service charges: keys and names and texts at two bytes a UTF-16 unit, with overheads."""
    keys = sum(2 * utf16_units(str(entity[key])) for key in _KEYS)
    return 4 + keys + sum(8 + 2 * utf16_units(name) + _value_bytes(value) for name, value in _own(entity))


def utf16_units(text: str) -> int:
    """How many UTF-16 units a text has; half of a surrogate pair counts one."""
    return len(text) + sum(1 for character in text if ord(character) > 0xFFFF) if not text.isascii() else len(text)


def _faults(entity: Mapping[str, Any]) -> Iterator[str]:
    for key in _KEYS:
        yield from _key_faults(key, str(entity[key]))
    names = [name for name, _ in _own(entity)]
    if len(names) > MAX_PROPERTIES:
        yield f"It has {len(names)} properties, a row takes {MAX_PROPERTIES}."
    for name, value in _own(entity):
        yield from _property_faults(name, value)
    if (size := entity_bytes(entity)) > MAX_ENTITY_BYTES:
        yield f"It is {size} bytes long, a row takes {MAX_ENTITY_BYTES}."


def _key_faults(key: str, text: str) -> Iterator[str]:
    if bad := _FORBIDDEN_IN_KEYS.search(text):
        yield f"{key} holds {bad.group()!r}, which no key may hold."
    if (units := utf16_units(text)) > MAX_KEY_UNITS:
        yield f"{key} is {units} characters long, a key takes {MAX_KEY_UNITS}."


def _property_faults(name: str, value: Any) -> Iterator[str]:
    if not _PROPERTY_NAME.fullmatch(name) or utf16_units(name) > MAX_NAME:
        yield f"{name[:40]!r} is no property name: letters, digits and _ alone, at most {MAX_NAME}, no digit first."
    if isinstance(value, str) and (units := utf16_units(value)) > MAX_STRING_UNITS:
        yield f"{name[:40]} is {units} characters long, a text takes {MAX_STRING_UNITS}."
    if isinstance(value, bytes) and len(value) > MAX_BINARY_BYTES:
        yield f"{name[:40]} is {len(value)} bytes long, bytes take {MAX_BINARY_BYTES}."


def _own(entity: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    return ((name, value) for name, value in entity.items() if name not in _KEYS)


def _value_bytes(value: Any) -> int:
    if isinstance(value, str):
        return 4 + 2 * utf16_units(value)
    if isinstance(value, bytes):
        return 4 + len(value)
    return 1 if isinstance(value, bool) else 4 if isinstance(value, int) else 8


def _payload(entity: Mapping[str, Any]) -> int:
    """What the row takes in the body of a request, where the client escapes everything beyond ASCII."""
    return _OPERATION_OVERHEAD + len(json.dumps(dict(entity), default=_as_text))


def _as_text(value: Any) -> str:
    if isinstance(value, bytes):
        return "x" * (4 * len(value) // 3 + 4)
    return value.isoformat() if isinstance(value, datetime) else str(value)
