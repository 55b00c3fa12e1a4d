"""The host's own trace of an invocation, which the steps of a promotion's trace are linked to."""

from collections.abc import Iterator
from contextlib import contextmanager

import azure.functions as func

from shared.workflow.outside import Outside


@contextmanager
def invoked(outside: Outside, context: func.Context) -> Iterator[None]:
    """For the length of the block; a host that traces nothing links nothing."""
    with outside.telemetry.invoked_by(context.trace_context.trace_parent):
        yield
