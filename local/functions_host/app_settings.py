"""App settings: the environment, a local.settings.json below it, and what the host reads from them itself."""

import json
import re
from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path

from local.functions_host.functions import AppRefused

_SETTING = re.compile(r"%([^%]+)%")
_TIMESPAN = re.compile(r"(?:(\d+)\.)?(\d{1,2}):(\d{2}):(\d{2})(\.\d{1,7})?")


def settings_of_file(path: Path) -> dict[str, str]:
    """The `Values` of a local.settings.json. Settings that the environment holds already win, as in Core Tools.

    Raises:
        AppRefused: it cannot be read, or a value is not plain.
    """
    try:
        values = json.loads(path.read_text("utf-8")).get("Values", {})
        bad = [name for name, value in values.items() if not isinstance(value, str | int | float | bool)]
    except (OSError, ValueError, AttributeError) as error:
        raise AppRefused([f"{path} is no local.settings.json: {error}"]) from error
    if bad:
        raise AppRefused([f"{path}: the value of {name} must be text, a number or a boolean" for name in bad])
    return {name: str(value).lower() if isinstance(value, bool) else str(value) for name, value in values.items()}


def expand(text: str, settings: Mapping[str, str]) -> str:
    """`text` with every `%NAME%` replaced by that app setting.

    Raises:
        KeyError: a setting does not exist; the argument is a sentence.
    """

    def value(found: re.Match[str]) -> str:
        name = found.group(1)
        if name not in settings:
            raise KeyError(f"'{text}' asks for the app setting {name}, which is not set")
        return settings[name]

    return _SETTING.sub(value, text)


def is_disabled(function: str, settings: Mapping[str, str]) -> bool:
    """Whether the app settings switch the function off; names are compared without case, as .NET configuration is."""
    names = {f"azurewebjobs.{function}.disabled".lower(), f"azurewebjobs__{function}__disabled".lower()}
    return any(name.lower() in names and value.lower() in ("true", "1") for name, value in settings.items())


def parse_timespan(text: str) -> timedelta:
    """A .NET TimeSpan: `[d.]hh:mm:ss[.fffffff]`.

    Raises:
        ValueError: it is not one; the text says what was expected.
    """
    found = _TIMESPAN.fullmatch(text.strip())
    if found is None:
        raise ValueError(f"'{text}' is no time span; expected [d.]hh:mm:ss, for example 00:01:00")
    days, hours, minutes, seconds = (int(part or 0) for part in found.groups()[:4])
    return timedelta(days=days, hours=hours, minutes=minutes, seconds=seconds + float(found[5] or 0))
