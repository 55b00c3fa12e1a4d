"""Options that several commands share."""

from typing import Annotated

import typer

from shared.cli.output import Output

ServerOption = Annotated[
    str | None,
    typer.Option("--server", metavar="URL", help="The app to speak to [env: CLEARANCE_SERVER; http://127.0.0.1:7071]"),
]
OutputOption = Annotated[Output, typer.Option("--output", "-o", help="Text for people, or JSON for programs")]
PromotionArgument = Annotated[str, typer.Argument(metavar="PROMOTION", help="workspace:name:version")]
