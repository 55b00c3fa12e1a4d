"""The one Azure CLI command that Clearance prints to mend a tag, carried out by the library that the CLI itself uses.

`az ml model update --set tags.x=y` reads the version with azure-ai-ml, changes it and puts it back
(learn.microsoft.com/cli/azure/ml/model); the CLI itself is no part of the laptop platform.
"""

import argparse
import shlex

from local.platform.sdk import Sdk

_COMMAND = ["az", "ml", "model", "update"]


class NotThatCommand(Exception):
    """The text is no `az ml model update --set tags.<name>=<value>`; it says what was found."""


def az_ml_model_update(sdk: Sdk, person: str, command: str) -> dict[str, str]:
    """Carry out a printed command as one of the people, and give the tags that the version has then.

    Raises:
        NotThatCommand: another command, or a placeholder that nobody filled in.
        HttpResponseError: Azure ML refused it.
    """
    words = shlex.split(command)
    if words[:4] != _COMMAND:
        raise NotThatCommand(f"expected {' '.join(_COMMAND)} ..., found {command!r}")
    options = _parser().parse_args(words[4:])
    tags = dict(_tag(setting) for setting in options.set)
    with sdk.workspace(person) as client:
        model = client.models.get(options.name, options.version)
        model.tags = {**(model.tags or {}), **tags}
        return dict(client.models.create_or_update(model).tags)


def _tag(setting: str) -> tuple[str, str]:
    path, _, value = setting.partition("=")
    if not path.startswith("tags.") or value.startswith("<"):
        raise NotThatCommand(f"expected --set tags.<name>=<value> with a value of your own, found {setting!r}")
    return path.removeprefix("tags."), value


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(exit_on_error=False)
    for name in ("--name", "--version", "--subscription", "--resource-group", "--workspace-name"):
        parser.add_argument(name, required=True)
    parser.add_argument("--set", action="append", required=True)
    return parser
