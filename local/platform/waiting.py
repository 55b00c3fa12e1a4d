"""Waiting for something to become so, with an error that shows what it was instead."""

import json
import time
from collections.abc import Callable
from typing import TypeVar

_T = TypeVar("_T")
_PAUSE = 0.2
_SHOWN = 4000


class NeverCame(AssertionError):
    """What was waited for did not come; the text shows the last state."""


def wait_for(look: Callable[[], _T], accept: Callable[[_T], object] = bool, *, timeout: float = 60.0, what: str) -> _T:
    """Look every 200 ms until what is seen is accepted, and give it.

    Args:
        look: reads the state.
        accept: tells whether that is it; truth by default.
        timeout: seconds.
        what: what is waited for, to follow the words "waited for".

    Raises:
        NeverCame: it was not so in time.
    """
    end = time.monotonic() + timeout
    while not accept(state := look()):
        if time.monotonic() > end:
            raise NeverCame(f"waited {timeout:g} s for {what}; the last state was:\n{_shown(state)}")
        time.sleep(_PAUSE)
    return state


def _shown(state: object) -> str:
    text = json.dumps(state, indent=2, default=repr)
    return text if len(text) <= _SHOWN else f"{text[:_SHOWN]}\n... ({len(text)} characters)"
