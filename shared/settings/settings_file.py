"""App settings from a file, in the forms in which they are printed and kept, with references to Key Vault set apart."""

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from shared.domain.errors import DocumentInvalid
from shared.domain.strict_json import loads
from shared.domain.visible import visible

LARGEST = 1024 * 1024
"""Bytes of the file."""

_REFERENCE = "@Microsoft.KeyVault("
_VAULT = re.compile(r"[(;]\s*(?:VaultName=|SecretUri=https://)([A-Za-z0-9-]+)", re.IGNORECASE)
_FORMS = (
    "expected a list of name and value as `az functionapp config appsettings list -o json` prints it, an object with "
    "Values as in local.settings.json, or an object of names and values"
)


def read_settings_file(path: Path) -> dict[str, str]:
    """The settings of a file by name; nothing of a value stands in a fault.

    Raises:
        DocumentInvalid: with every fault.
    """
    what = visible(path.name)
    found = loads(path.read_bytes().removeprefix(b"\xef\xbb\xbf"), max_bytes=LARGEST, max_depth=16, what=what)
    if isinstance(found, dict):
        return _texts(what, found.get("Values", found))
    if isinstance(found, list) and all(isinstance(each, dict) and "name" in each for each in found):
        return _texts(what, {str(each["name"]): each.get("value") for each in found})
    raise DocumentInvalid(what, [f"Found neither of the known forms; {_FORMS}."])


def references_in(settings: Mapping[str, str]) -> dict[str, str]:
    """The settings that refer to Key Vault, each with the name of the vault, empty where the reference names none.

    Syntax of references: learn.microsoft.com/azure/app-service/app-service-key-vault-references.
    """
    referring = {name: value for name, value in settings.items() if value.strip().startswith(_REFERENCE)}
    return {name: found[1] if (found := _VAULT.search(value)) else "" for name, value in referring.items()}


def _texts(what: str, values: Any) -> dict[str, str]:
    if not isinstance(values, dict):
        raise DocumentInvalid(what, [f"Its Values are no object; {_FORMS}."])
    faults = [
        f"{visible(str(name))}: found a JSON {type(value).__name__}, expected text."
        for name, value in values.items()
        if not isinstance(value, str | None)
    ]
    if faults:
        raise DocumentInvalid(what, faults)
    return {name: value or "" for name, value in values.items()}
