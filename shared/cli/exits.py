"""Exit codes of the command, and how everything that can go wrong becomes one of them with a sentence (design §6)."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import NoReturn

import typer

from shared.domain.errors import ClearanceError, DocumentInvalid, Unreadable
from shared.domain.visible import visible

REFUSED = 1
USAGE = 2
UNREACHABLE = 3
_LONGEST = 2000


class NotPassed(ClearanceError):
    """A check did not pass, or the app refused. `faults` are listed one a line."""

    code = "not_passed"

    def __init__(self, sentence: str, faults: tuple[str, ...] = (), exit_code: int = REFUSED) -> None:
        super().__init__(sentence)
        self.faults = faults
        self.exit_code = exit_code


@contextmanager
def told() -> Iterator[None]:
    """Turn what is raised inside into a sentence on standard error and an exit code."""
    try:
        yield
    except NotPassed as refused:
        _say(str(refused), refused.faults, refused.exit_code)
    except DocumentInvalid as invalid:
        _say(f"{invalid.what} is not valid:", invalid.faults, REFUSED)
    except Unreadable as away:
        _say(str(away), (), UNREACHABLE)
    except UnicodeEncodeError:
        _say("Something that was typed is no text: its bytes are not UTF-8.", (), USAGE)
    except (ClearanceError, OSError) as error:
        _say(str(error), (), REFUSED)


@contextmanager
def in_our_form(server: str) -> Iterator[None]:
    """Turn stumbling over an answer, which may come from any server, into a sentence.

    Raises:
        NotPassed: what was read inside does not have the form that the API gives it (exit 3).
    """
    try:
        yield
    except (LookupError, TypeError, AttributeError, ValueError) as error:
        sentence = f"{server} answered in a form that is not Clearance's: is it the app?"
        raise NotPassed(sentence, exit_code=UNREACHABLE) from error


@contextmanager
def usage() -> Iterator[None]:
    """The same for what the caller typed or set: exit 2."""
    try:
        yield
    except DocumentInvalid as invalid:
        _say(f"{invalid.what} is not valid:", invalid.faults, USAGE)
    except ClearanceError as error:
        _say(str(error), (), USAGE)


def _say(sentence: str, faults: tuple[str, ...], code: int) -> NoReturn:
    print(visible(sentence, _LONGEST), file=sys.stderr)
    for fault in faults:
        print(f"- {visible(fault, _LONGEST)}", file=sys.stderr)
    raise typer.Exit(code)
