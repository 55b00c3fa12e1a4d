"""The reader of webhook senders: nothing that it says of a fault holds a key."""

import base64
import binascii
import re
from collections.abc import Mapping
from typing import Any

from shared.domain.visible import quoted
from shared.settings.json_readers import json_object
from shared.settings.places import Sender
from shared.settings.setting import Faulty

_SENDER = re.compile(r"[a-z0-9][a-z0-9-]{0,31}")
_SHORTEST_KEY, _LONGEST_KEY = 24, 64  # bytes; Standard Webhooks, "Signature scheme"
_MOST_KEYS = 2


def senders(value: str) -> Mapping[str, Sender]:
    """A JSON object, sender to keys and people. Faults name the sender and the number of a key, never the key."""
    try:
        found = json_object(value)
    except Faulty:
        raise Faulty("something that is no JSON object, or a sender twice") from None
    faults = [fault for name, given in found.items() for fault in _sender_faults(name, given)]
    if faults:
        raise Faulty(*faults)
    return {name: Sender(tuple(map(_key, given["keys"])), tuple(given["people"])) for name, given in found.items()}


def webhook_key(value: str) -> bytes:
    """One key, `whsec_` and base64."""
    if why := _bad(value):
        raise Faulty(f"a text {why}")
    return _key(value)


def _sender_faults(name: str, given: Any) -> list[str]:
    where = f"of the sender {quoted(name)}"
    faults = [] if _SENDER.fullmatch(name) else [f"{quoted(name)}, which is no name of a sender"]
    if not isinstance(given, dict) or set(given) != {"keys", "people"}:
        return [*faults, f"something else than keys and people {where}"]
    keys, people = given["keys"], given["people"]
    if not isinstance(people, list) or not people or not all(isinstance(person, str) and person for person in people):
        faults.append(f"no list of people {where}")
    if not isinstance(keys, list) or not 1 <= len(keys) <= _MOST_KEYS:
        return [*faults, f"no list of one or two keys {where}"]
    return faults + [f"a key {where} (number {place}) {why}" for place, key in enumerate(keys, 1) if (why := _bad(key))]


def _bad(key: Any) -> str | None:
    if not isinstance(key, str) or not key.startswith("whsec_"):
        return "that does not begin with whsec_"
    try:
        size = len(_key(key))
    except (binascii.Error, ValueError):
        return "that is no base64 after whsec_"
    fits = _SHORTEST_KEY <= size <= _LONGEST_KEY
    return None if fits else f"of {size} bytes; from {_SHORTEST_KEY} to {_LONGEST_KEY} are taken"


def _key(key: str) -> bytes:
    encoded = key.removeprefix("whsec_").rstrip("=")
    return base64.b64decode(encoded + "=" * (-len(encoded) % 4), validate=True)
