"""Options that several commands share, and what is made of them."""

from collections.abc import Callable
from typing import Annotated, Any

import typer

from shared.cli.exits import in_our_form, usage
from shared.cli.output import Output, print_json
from shared.domain.ids import PromotionId
from shared.settings import ClientSettings

EXITS = "Exit codes: 0 ok, 1 refused or check not passed, 2 usage, 3 unreachable."

ServerOption = Annotated[
    str | None,
    typer.Option("--server", metavar="URL", help="The app to speak to [env: CLEARANCE_SERVER; http://127.0.0.1:7071]"),
]
OutputOption = Annotated[Output, typer.Option("--output", "-o", help="Text for people, or JSON for programs")]
PromotionArgument = Annotated[str, typer.Argument(metavar="PROMOTION", help="workspace:name:version")]
JsonOption = Annotated[bool, typer.Option("--json", help="The same as --output json")]


def present(document: Any, show: Callable[[Any], None], output: Output, settings: ClientSettings) -> None:
    """Print what the app answered: as it is, or by `show`."""
    with in_our_form(settings.server):
        print_json(document) if output is Output.JSON else show(document)


def client_settings(server: str | None) -> ClientSettings:
    """Which app to speak to; exit 2 where that has faults."""
    with usage():
        return ClientSettings.from_environment(server)


def promotion_id(text: str) -> PromotionId:
    """The promotion that was typed; exit 2 where it is none."""
    with usage():
        return PromotionId.parse(text)


def promotion_path(promotion: PromotionId) -> str:
    """Its place in the API."""
    return f"/api/promotions/{promotion.workspace}/{promotion.name}/{promotion.version}"
