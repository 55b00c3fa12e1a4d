"""Two more phases of Schemathesis, by its own engine: every case that follows from the document, and calls that follow calls.

Coverage is what `missing_required_header` and `unsupported_method` judge, and no random request: a required header is
left out, a method is none of the document's. Stateful is what `use_after_free` and `ensure_resource_availability`
judge: a call that takes what an earlier one gave. Neither of these two can fire on this API, for no route deletes
anything, and none makes something that another route then reads: what a POST asks for, the queue does later. They are
on all the same, for the day on which such a route comes.
"""

import threading
import warnings
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import schemathesis
from schemathesis.config import SchemathesisConfig
from schemathesis.core.parameters import ParameterLocation
from schemathesis.engine import Status, events, from_schema
from schemathesis.generation.meta import CoverageScenario

from local.faults.hostile.scores import Scores

SURFACE = "openapi"
LIMIT_SECONDS = 240.0
"""What both phases may take for one person; they take seconds on an idle machine."""


@dataclass(slots=True)
class Phases:
    """What the engine did. `found` are broken promises, each with the request; `judged` counts what a phase came to."""

    requests: int = 0
    found: list[str] = field(default_factory=list)
    judged: dict[str, int] = field(default_factory=lambda: dict.fromkeys(("method", "header", "link", "success"), 0))


def attack(scores: Scores, app: Any, headers: dict[str, str], seed: int, examples: int) -> None:
    """Both phases as one person; every request is a case.

    Args:
        scores: where they are counted.
        app: the ASGI app, with its document at /api/openapi.json.
        headers: what proves who asks.
        seed: of Hypothesis.
        examples: how many chains of calls.
    """
    done: list[Phases] = []
    thread = threading.Thread(target=lambda: done.append(run(app, headers, seed, examples)), daemon=True)
    thread.start()
    thread.join(LIMIT_SECONDS)
    scores.must(SURFACE, "coverage and chains come to an end", lambda: bool(done), accepted=True)
    for told in done:
        scores.counts[SURFACE, "accepted"] += told.requests - len(told.found)
        scores.counts[SURFACE, "crashed"] += len(told.found)
        scores.found += [f"{SURFACE}: {each}" for each in told.found]
        for kind, count in told.judged.items():
            scores.must(SURFACE, f"a {kind} was judged", lambda count=count: count > 0, accepted=True)


def run(app: Any, headers: dict[str, str], seed: int, examples: int) -> Phases:
    """Run both phases on an app."""
    config = SchemathesisConfig(seed=seed)
    project = config.projects.default
    project.headers = dict(headers)
    project.phases.update(phases=["coverage", "stateful"])
    project.generation.update(max_examples=examples)
    told = Phases()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        schema = schemathesis.openapi.from_asgi("/api/openapi.json", app, config=config)
        for event in from_schema(schema).execute():
            if isinstance(event, events.NonFatalError | events.FatalError):
                told.found.append(f"the engine stopped: {event!r:.300}")
            elif isinstance(event, events.ScenarioFinished):
                _take(told, event.recorder)
    return told


def _take(told: Phases, recorder: Any) -> None:
    told.requests += len(recorder.cases)
    told.found += _broken(recorder)
    for case_id, node in recorder.cases.items():
        if kind := _kind(node):
            told.judged[kind] += 1
        answer = recorder.interactions[case_id].response if case_id in recorder.interactions else None
        told.judged["success"] += answer is not None and answer.status_code < 400


def _kind(node: Any) -> str | None:
    """What a request is there to judge besides its own answer."""
    if node.is_transition_applied:
        return "link"
    data = node.value.meta.phase.data if node.value.meta else None
    scenario, place = getattr(data, "scenario", None), getattr(data, "parameter_location", None)
    if scenario is CoverageScenario.UNSPECIFIED_HTTP_METHOD:
        return "method"
    missing = scenario is CoverageScenario.MISSING_PARAMETER and place is ParameterLocation.HEADER
    return "header" if missing else None


def _is_beyond_schema(case: Any, check: str) -> bool:
    """What no schema can state: which cursors a listing gave, and which corrected messages announce a version."""
    refused = check == "positive_data_acceptance"
    return refused and ("cursor" in case.query or case.operation.label == "POST /api/quarantine/{id}/replay")


def _broken(recorder: Any) -> Iterator[str]:
    for case_id, checks in recorder.checks.items():
        case = recorder.cases[case_id].value
        for check in checks:
            if check.status is not Status.SUCCESS and not _is_beyond_schema(case, check.name):
                why = " ".join(str(check.failure_info.failure).split())[:400] if check.failure_info else "no reason"
                yield f"{case.method} {case.formatted_path}: {check.name}: {why}"
