"""The OpenAPI document taken at its word: Schemathesis makes requests from it and holds the answers to it, all checks on.

Random requests here, valid and invalid; what follows from the document one by one, and chains, in `openapi_phases`.
"""

import contextlib
import warnings
from collections.abc import Iterator
from typing import Any

import hypothesis
import schemathesis
from hypothesis import HealthCheck, Phase
from hypothesis.errors import Unsatisfiable
from schemathesis.config import SchemathesisConfig
from schemathesis.generation import GenerationMode

from local.faults.hostile import openapi_phases
from local.faults.hostile.scores import Broken, Scores
from local.faults.hostile.site import PEOPLE, Front

SURFACE = "openapi"
_REACHING = ("olu.operator", "ana.auditor")  # who may begin a chain


def attack(scores: Scores, front: Front, seed: int, examples: int, people: tuple[str, ...] = PEOPLE) -> None:
    """Every operation as each person, with valid and with invalid requests.

    Args:
        scores: where the requests are counted.
        front: the app; a promotion is asked about, so that some requests find one.
        seed: of Hypothesis.
        examples: how many requests of each kind for an operation and a person.
        people: who asks; one of each role unless given.
    """
    front.asked()
    front.set_aside(3)  # chains of calls begin at what is in quarantine
    schema = schemathesis.openapi.from_asgi("/api/openapi.json", front.app, config=SchemathesisConfig())
    for person in people:
        headers = {"Authorization": f"Bearer {front.sign_in.token(person)}"}
        for operation in _operations(schema):
            for mode in (GenerationMode.POSITIVE, GenerationMode.NEGATIVE):
                _try(scores, operation, mode, headers, (seed, examples))
    for person in [each for each in people if each in _REACHING]:
        openapi_phases.attack(
            scores, front.app, {"Authorization": f"Bearer {front.sign_in.token(person)}"}, seed, examples
        )


def _operations(schema: Any) -> Iterator[Any]:
    for result in schema.get_all_operations():
        yield result.ok()


def _try(
    scores: Scores, operation: Any, mode: GenerationMode, headers: dict[str, str], bounds: tuple[int, int]
) -> None:
    seed, examples = bounds

    @hypothesis.seed(seed)
    @hypothesis.settings(
        max_examples=examples,
        database=None,
        deadline=None,
        phases=(Phase.explicit, Phase.generate),
        suppress_health_check=list(HealthCheck),
    )
    @hypothesis.given(case=operation.as_strategy(generation_mode=mode))
    def requests(case: Any) -> None:
        if mode is GenerationMode.POSITIVE:
            case.query.pop("cursor", None)  # valid is only what a listing gave; all else is tried as invalid
        scores.case(SURFACE, f"{operation.label} {mode.value}", _asked, case, headers)

    with warnings.catch_warnings(), contextlib.suppress(Unsatisfiable):  # nothing about some requests can be invalid
        warnings.simplefilter("ignore")
        requests()


def _asked(case: Any, headers: dict[str, str]) -> bool:
    response = case.call(headers=headers)
    try:
        case.validate_response(response, headers=headers)
    except (schemathesis.errors.SchemathesisError, AssertionError, BaseExceptionGroup) as error:
        sent = f"{case.method} {case.formatted_path} {case.query} {case.body!r}"
        raise Broken(f"{_words(error)} <- {sent[:300]} -> {response.text[:300]}") from error
    return bool(response.status_code < 400)


def _words(error: BaseException) -> str:
    found = error.exceptions if isinstance(error, BaseExceptionGroup) else (error,)
    return " | ".join(" ".join(str(each).split()) for each in found)[:600]
