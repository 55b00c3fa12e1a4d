"""What to do when the outside fails: note it once in the history, count tries in the looks, try later (R11)."""

from dataclasses import replace

from shared.domain.commands import RecordError
from shared.domain.errors import PortError
from shared.domain.looks import Attempts
from shared.workflow.handling import Handling


def target_failed(handling: Handling, registry: str, error: PortError) -> bool:
    """Note trouble at one target; whether something was appended."""
    count_try(handling, registry, error)
    return handling.record(RecordError(registry, error.code, str(error)))


def count_try(handling: Handling, registry: str, error: PortError) -> None:
    """Count one more try at a target, to be made again after its backoff."""
    attempts = _failed_again(handling, registry, handling.looks.of_target(registry), error)
    handling.looks = handling.looks.with_target(registry, attempts)


def target_works(handling: Handling, registry: str) -> None:
    """Forget the tries at a target that works."""
    handling.looks = handling.looks.with_target(registry, Attempts())


def source_failed(handling: Handling, error: PortError) -> bool:
    """Note trouble in reading the version or its evidence; whether something was appended.

    Without a history there is nothing to append to: the tries alone say so.
    """
    source = _failed_again(handling, "source", handling.looks.source, error)
    handling.looks = replace(handling.looks, source=source)
    return bool(handling.history.sequence) and handling.record(RecordError(None, error.code, str(error)))


def sink_failed(handling: Handling, sink: str, error: PortError) -> None:
    """Count a try of a sink, which keeps its position and its own backoff (R5)."""
    attempts = _failed_again(handling, sink, handling.looks.of_sink(sink), error)
    handling.looks = handling.looks.with_sink(sink, attempts)


def _failed_again(handling: Handling, what: str, attempts: Attempts, error: PortError) -> Attempts:
    handling.outside.telemetry.failed(error.code)
    waits = handling.outside.waits
    pause = waits.backoff(f"{handling.promotion}/{what}", attempts.count + 1, error.retry_after)
    return attempts.failed(f"{error.code}: {error}", handling.outside.clock.now(), pause)
