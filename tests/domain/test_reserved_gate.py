"""A submitter states nothing in Clearance's name: forged fields are refused, each named with what removes it (C2)."""

import shlex
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.domain.difference import difference
from shared.domain.evaluation import Evaluation, Outcome
from shared.domain.evidence import Evidence
from shared.domain.reserved_gate import MOST_NAMED, NAME
from tests.domain.evidence_makers import (
    a_model_version,
    a_policy,
    a_run,
    an_evaluation,
    gate_of,
    passing_evidence,
    tags,
)


def with_tags(**stated: str) -> Evidence:
    return passing_evidence(version=a_model_version(tags=tags(**stated)))


def with_properties(**stated: str) -> Evidence:
    return passing_evidence(version=a_model_version(properties=stated))


def with_run_tags(**stated: str) -> Evidence:
    return passing_evidence(run=a_run(tags=stated))


def names_of(evaluation: Evaluation) -> list[str]:
    return [gate.gate for gate in evaluation.gates]


def test_where_nothing_is_forged_there_is_no_such_gate() -> None:
    assert NAME not in names_of(an_evaluation())
    assert NAME not in names_of(an_evaluation(evidence=passing_evidence(run=None)))


@pytest.mark.parametrize("forge", [with_tags, with_properties, with_run_tags])
@pytest.mark.parametrize("name", ["clearance_approved_at", "Clearance_Approvers", "CLEARANCE_x", "clearance_"])
def test_fields_of_ours_are_refused_wherever_they_stand(forge: Callable[..., Evidence], name: str) -> None:
    evaluation = an_evaluation(evidence=forge(**{name: "2026-01-01"}))
    assert evaluation.outcome is Outcome.FAILED
    assert f'"{name}"' in gate_of(evaluation, NAME).explanation


@pytest.mark.parametrize("forge", [with_tags, with_properties, with_run_tags])
def test_names_that_a_policy_reserves_are_refused_too(forge: Callable[..., Evidence]) -> None:
    evidence = forge(Approval_Date="2026-01-01")
    assert NAME not in names_of(an_evaluation(evidence=evidence))
    reserved = an_evaluation(evidence=evidence, policy=a_policy(reserved_tags=("approval_date",)))
    assert gate_of(reserved, NAME).outcome is Outcome.FAILED


@given(st.text(max_size=20).filter(lambda name: not name.casefold().startswith("clearance_")))
def test_what_is_not_ours_is_theirs_to_state(name: str) -> None:
    assert NAME not in names_of(an_evaluation(evidence=with_tags(**{name: "1"})))


@pytest.mark.parametrize("loose", [{"mode": "shadow"}, {"mode": "warn"}, {"modes": {"reserved_tags": "off"}}])
def test_no_mode_of_a_policy_loosens_it(loose: dict[str, Any]) -> None:
    evaluation = an_evaluation(evidence=with_tags(clearance_round="1"), policy=a_policy(**loose))
    assert evaluation.outcome is Outcome.FAILED
    assert [gate.gate for gate in evaluation.not_passed] == [NAME]


def test_tags_are_removed_by_az() -> None:
    command = gate_of(an_evaluation(evidence=with_tags(clearance_a="1", clearance_b="2")), NAME).command
    assert len(command.splitlines()) == 1
    words = shlex.split(command)
    assert words[:8] == ["az", "ml", "model", "update", "--name", "fraud-detector", "--version", "7"]
    assert [words[n + 1] for n, word in enumerate(words) if word == "--remove"] == [
        "tags.clearance_a",
        "tags.clearance_b",
    ]


def test_tags_that_az_cannot_address_and_those_of_a_run_are_removed_by_mlflow() -> None:
    hostile = "clearance_'); import os #\n"
    evidence = passing_evidence(
        version=a_model_version(tags=tags(**{hostile: "1"})), run=a_run(tags={"clearance_round": "1"})
    )
    of_version, of_run = gate_of(an_evaluation(evidence=evidence), NAME).command.splitlines()
    for command, call in (
        (of_version, "delete_model_version_tag('fraud-detector', '7', tag)"),
        (of_run, "delete_tag("),
    ):
        python, option, script = shlex.split(command)
        assert (python, option) == ("python", "-c")
        assert call in script
        compile(script, "command", "exec")
    assert repr(hostile) in shlex.split(of_version)[2]


def test_a_property_stays_with_its_version_so_another_is_registered() -> None:
    gate = gate_of(an_evaluation(evidence=with_properties(clearance_promotion="x")), NAME)
    assert "register it anew without" in gate.explanation
    assert gate.command.startswith("az ml model create")


def test_a_copy_that_came_back_from_a_registry_is_told_apart_from_a_forgery() -> None:
    marks = {"clearance_promotion": "risk-lab:fraud:3", "clearance_incarnation": "2026-02-01T00:00:00.000000Z"}
    copied = gate_of(an_evaluation(evidence=with_tags(**marks)), NAME).explanation
    assert "the marks of risk-lab:fraud:3" in copied
    assert "judged as the version of its own" in copied
    for forged in (
        {**marks, "clearance_promotion": "risk-dev:fraud-detector:7"},
        {**marks, "clearance_promotion": "not an id"},
        {"clearance_promotion": "risk-lab:fraud:3"},
    ):
        assert "in its name" in gate_of(an_evaluation(evidence=with_tags(**forged)), NAME).explanation


def test_thousands_are_told_in_bounded_space() -> None:
    many = {f"clearance_{n:05}": "x" * 1000 for n in range(10_000)}
    evaluation = an_evaluation(evidence=with_tags(**many))
    assert sum(name.startswith("clearance_") for name in evaluation.facts.tags) == MOST_NAMED
    assert gate_of(evaluation, NAME).explanation.count('"clearance_') == MOST_NAMED
    assert "and maybe more" in gate_of(evaluation, NAME).explanation


@pytest.mark.parametrize(
    ("forge", "told"),
    [
        (with_tags, 'Tag clearance_b is new: "1".'),
        (with_properties, 'Property clearance_b is new: "1".'),
        (with_run_tags, 'Tag of the run clearance_b is new: "1".'),
    ],
)
def test_each_forged_name_is_in_the_digest(forge: Callable[..., Evidence], told: str) -> None:
    before = an_evaluation(evidence=forge(clearance_a="1"))
    after = an_evaluation(evidence=forge(clearance_a="1", clearance_b="1"))
    assert before.digest != after.digest
    assert difference(before, after) == (told,)
