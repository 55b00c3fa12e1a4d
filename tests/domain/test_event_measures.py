"""What is measured of a history as it grows."""

from datetime import timedelta
from typing import get_args

import pytest

from shared.domain import events
from shared.domain.event_measures import SOURCE, measures_of
from shared.domain.events import Event, Recorded
from shared.domain.ids import Target
from shared.domain.measures import GATES, INSTRUMENTS
from tests.domain.evidence_makers import NOW
from tests.domain.promotion_makers import INCARNATION, a_decision, an_evaluation

TARGET = Target("contoso-shared", "fraud", "7")


def rows(*happened: tuple[float, Event]) -> tuple[Recorded, ...]:
    """A history with each event so many seconds after its beginning."""
    return tuple(
        Recorded(number, NOW + timedelta(seconds=at), f"op-{number}", "clearance", event, "", "")
        for number, (at, event) in enumerate(happened, 1)
    )


def measured(*happened: tuple[float, Event], after: int = 0) -> list[tuple[str, float, dict[str, str]]]:
    return [(m.instrument.name, m.value, dict(m.attributes)) for m in measures_of(rows(*happened), after)]


REGISTERED = (0.0, events.Registered(INCARNATION, "Dana Osei"))
ASKED = (60.0, events.ApprovalRequested(1, "d" * 64, (TARGET,), (), NOW + timedelta(days=7)))


def test_an_evaluation_is_counted_with_each_gate_and_what_it_said() -> None:
    evaluation = an_evaluation()

    found = measured(REGISTERED, (5, events.EvaluationCompleted(1, evaluation)))

    judged = {"policy": evaluation.policy, "outcome": str(evaluation.outcome)}
    assert found[:1] == [("clearance.evaluations", 1, judged)]
    assert [attributes["gate"] for _, _, attributes in found[1:]] == [gate.gate for gate in evaluation.gates]
    assert {name for name, _, _ in found[1:]} == {GATES.name}


@pytest.mark.parametrize("verdict", get_args(events.Verdict))
def test_an_answer_is_as_old_as_the_asking(verdict: events.Verdict) -> None:
    decided = (3660.0, events.DecisionRecorded(1, a_decision(verdict=verdict)))

    found = measured(REGISTERED, (5, events.EvaluationCompleted(1, an_evaluation())), ASKED, decided, after=3)

    assert found == [("clearance.decisions.age", 3600, {"policy": an_evaluation().policy, "verdict": verdict})]


def test_nobody_answering_has_an_age_too() -> None:
    found = measured(REGISTERED, ASKED, (7260, events.Expired(1, "d" * 64)), after=2)

    assert found == [("clearance.decisions.age", 7200, {"policy": "", "verdict": "expired"})]


def test_the_way_to_each_registry_is_measured_from_the_first_look_at_this_registration() -> None:
    again = (100.0, events.Reregistered(INCARNATION, "Dana Osei"))
    landed = (160.0, events.TargetPromoted(TARGET, 1, "azureml:...", False, ()))

    assert measured(REGISTERED, again, landed, after=2) == [
        ("clearance.promotion.duration", 60, {"policy": "", "registry": "contoso-shared"})
    ]


def test_what_has_no_beginning_has_no_age() -> None:
    landed = (160.0, events.TargetPromoted(TARGET, 1, "azureml:...", False, ()))

    assert measured((60.0, events.DecisionRecorded(1, a_decision())), landed) == []


def test_trouble_and_conflicts_are_counted_by_their_codes() -> None:
    troubles = (
        (1.0, events.PromotionErrored("contoso-eu", "azure_ml_503", "It is away.")),
        (2.0, events.PromotionErrored(None, "azure_ml_429", "It is busy.")),
        (3.0, events.ConflictFound(TARGET, "not_ours", "Another model.", "")),
    )

    assert measured(REGISTERED, *troubles) == [
        ("clearance.target.errors", 1, {"registry": "contoso-eu", "code": "azure_ml_503"}),
        ("clearance.target.errors", 1, {"registry": SOURCE, "code": "azure_ml_429"}),
        ("clearance.conflicts", 1, {"kind": "not_ours"}),
    ]


def test_what_was_measured_is_not_measured_again() -> None:
    history = (REGISTERED, (1.0, events.PromotionErrored(None, "azure_ml_429", "It is busy.")))

    assert measured(*history, after=2) == []


def test_a_reading_names_exactly_the_attributes_of_its_instrument() -> None:
    with pytest.raises(ValueError, match="is measured by"):
        GATES.of(1, policy="fraud", gate="tag:owner")


def test_every_instrument_is_named_once_and_means_something() -> None:
    assert all(each.name == name and each.name.startswith("clearance.") for name, each in INSTRUMENTS.items())
    assert all(each.meaning and each.unit for each in INSTRUMENTS.values())
