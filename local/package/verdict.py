"""Whether what was found is what a package that runs shows; every fault is a sentence."""

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from local.functions_host.functions import Binding, Function
from local.functions_host.refusals import host_faults
from local.package.stated import Stated
from local.package.trial import Trial
from shared.settings import table

REQUIRED = (*(setting.name for setting in table.APP if setting.required), table.STORAGE_ACCOUNT.name)
"""Settings that the app must miss where it has none."""

SETTINGS: Mapping[str, str] = {
    setting.name: setting.example
    for setting in (*(each for each in table.APP if each.required), table.STORAGE_ACCOUNT, table.CLIENT_ID, table.TOPIC)
}
"""A full set, of the examples in docs/configuration.md: no address in it is ever asked."""

_EVENT = {
    "id": "8a7f2c52-0d8e-4a54-9a3f-2f0c6d1f9b11",
    "topic": "/subscriptions/6f1f3c52-0d8e-4a54-9a3f-2f0c6d1f9b11/resourceGroups/rg-risk",
    "subject": "models/fraud:1",
    "eventType": "Microsoft.MachineLearningServices.ModelRegistered",
    "eventTime": "2026-11-23T06:14:00Z",
    "data": {},
    "dataVersion": "2",
}
HEALTH = {"path": "/api/health"}
WITHOUT_SETTINGS: Mapping[str, Sequence[Any]] = {
    "httpTrigger": [HEALTH],
    "queueTrigger": ["risk-dev:fraud:1"],
    "timerTrigger": [None],
    "eventGridTrigger": [_EVENT],
}
"""What each function is given while nothing is set."""

WEB = (
    ({"path": "/api/promotions"}, 401, "application/problem+json"),
    ({"path": "/", "headers": {"accept": "text/html"}}, 401, "text/html"),
    ({"path": "/static/clearance.css"}, 200, "text/css"),
    ({"path": "/api/openapi.json"}, 200, "application/json"),
)
"""What the web app is asked without a token once everything is set: request, status, and how the content type begins."""

WITH_SETTINGS: Mapping[str, Sequence[Any]] = {"httpTrigger": [request for request, _, _ in WEB]}


def indexing_faults(trial: Trial, stated: Stated) -> Iterator[str]:
    """What is wrong with the functions, with what the sources import, and with where that came from."""
    if trial.fault is not None:
        yield f"function_app.py cannot be indexed: {trial.fault}"
        return
    names = [each["name"] for each in trial.functions]
    yield from (
        f"the sources name the function {name}, which is not indexed" for name in stated.functions if name not in names
    )
    yield from (
        f"the function {name} is indexed, and no source names it" for name in names if name not in stated.functions
    )
    yield from (f"the host refuses it: {fault}" for fault in host_faults([_function(each) for each in trial.functions]))
    for module, error in trial.absent.items():
        yield f"{stated.modules[module]} imports {module}, which cannot be imported there: {error}"
    for module, file in trial.foreign.items():
        yield f"{module} was loaded from {file}, which is neither of the package nor of its requirements.txt"


def unset_faults(trial: Trial, required: Sequence[str] = REQUIRED) -> Iterator[str]:
    """What is wrong with how the app speaks of settings that it lacks."""
    for answer in trial.answers:
        if answer["trigger"] == "httpTrigger":
            yield from _health_faults(answer, required)
        elif answer["error"] is None:
            yield f"{answer['function']} ended well without a single setting; it must raise and name them"
        elif unnamed := [name for name in required if name not in answer["error"]]:
            yield f"{answer['function']} without settings does not name {', '.join(unnamed)}: {_short(answer['error'])}"


def web_faults(trial: Trial) -> Iterator[str]:
    """What is wrong with the web app once everything is set."""
    asked = [answer for answer in trial.answers if answer["trigger"] == "httpTrigger"]
    for answer in asked:
        status, kind = next((status, kind) for request, status, kind in WEB if request == answer["given"])
        http = answer["http"] or {"status": None, "headers": {}, "body": ""}
        found = http["headers"].get("content-type", "")
        if http["status"] != status or not found.startswith(kind):
            path, said = answer["given"]["path"], answer["error"] or f"{http['status']} {found}: {http['body']}"
            yield f"GET {path} with all settings is not answered by {status} {kind} but by {_short(said)}"
    if not asked:
        yield "no function answers HTTP"


def _health_faults(answer: Mapping[str, Any], required: Sequence[str]) -> Iterator[str]:
    http = answer["http"]
    if http is None or http["status"] != 503:
        found = _short(answer["error"] or f"{http and http['status']}")
        yield f"GET /api/health without settings is not answered by 503 but by {found}"
        return
    told = _faults_in(http["body"])
    if unnamed := [name for name in required if name not in told]:
        yield f"GET /api/health without settings does not name {', '.join(unnamed)}"


def _faults_in(body: str) -> str:
    try:
        return " ".join(map(str, json.loads(body)["faults"]))
    except (ValueError, TypeError, KeyError):
        return ""


def _function(found: Mapping[str, Any]) -> Function:
    bindings = [
        Binding(str(each["name"]), str(each["type"]), str(each.get("direction", "IN")).upper(), each)
        for each in found["bindings"]
    ]
    trigger = next(binding for binding in bindings if binding.is_trigger)
    outputs = tuple(binding for binding in bindings if binding.direction == "OUT")
    return Function(found["name"], _never_called, trigger, outputs, {}, wants_context=False)


def _never_called() -> None:
    """The functions themselves are in another process."""


def _short(text: str) -> str:
    return text if len(text) <= 200 else f"{text[:200]}..."
