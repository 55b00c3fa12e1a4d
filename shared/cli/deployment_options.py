"""Options of the commands that look at a deployment from outside."""

import re
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from shared.cli.exits import usage
from shared.domain.visible import quoted

if TYPE_CHECKING:
    from shared.settings.deployment import DeploymentSettings

_GUID = re.compile(r"[0-9A-Fa-f]{8}-(?:[0-9A-Fa-f]{4}-){3}[0-9A-Fa-f]{12}")

SettingsOption = Annotated[
    Path | None,
    typer.Option(
        exists=True, dir_okay=False, metavar="FILE", help="App settings as az prints them, local.settings.json, or names and values"
    ),
]  # fmt: skip
PrincipalOption = Annotated[
    list[str] | None,
    typer.Option(metavar="OBJECT_ID", help="An identity of the app; may repeat"),
]


def object_ids(given: Sequence[str] | None, option: str) -> tuple[str, ...]:
    """Object ids that were typed; exit 2 where one is none."""
    if bad := [quoted(each) for each in given or () if not _GUID.fullmatch(each)]:
        raise typer.BadParameter(f"{', '.join(bad)}: expected an object id, a GUID", param_hint=option)
    return tuple(given or ())


def app_url(given: str | None) -> str | None:
    """The URL of the app that was typed; exit 2 where it is none."""
    from shared.settings.setting import Faulty
    from shared.settings.table import PUBLIC_URL

    try:
        return None if given is None else PUBLIC_URL.read(given)
    except Faulty as faulty:
        said = f"found {'; '.join(faulty.found)}; expected {PUBLIC_URL.expected}, for example {PUBLIC_URL.example}"
        raise typer.BadParameter(said, param_hint="--app") from faulty


def deployment_settings(file: Path | None, app: str | None = None) -> "DeploymentSettings":
    """The settings of a file, or of the environment; exit 2 where the file holds none."""
    from shared.settings.deployment import DeploymentSettings

    with usage():
        return DeploymentSettings.load(file, app)
