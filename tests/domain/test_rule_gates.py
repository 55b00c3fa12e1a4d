"""The gate of a rule in CEL: what it says of each look, what of it stands in the digest."""

from dataclasses import replace
from typing import Any

import pytest

from shared.domain.difference import difference
from shared.domain.evaluation import Evaluation, GateResult, Outcome
from shared.domain.evidence import Run
from shared.domain.policy import MetricRule, Policy
from shared.domain.rule_values import LONGEST_VALUE, shape_fault
from tests.domain.evidence_makers import (
    a_champion,
    a_model_version,
    a_policy,
    a_rule,
    a_run,
    an_evaluation,
    an_evidence_rule,
    passing_evidence,
    tags,
)


def evaluated(
    require: str,
    when: str | None = None,
    *,
    run: Run | None = None,
    policy: Policy | None = None,
    champion: Any = None,
    **changes: Any,
) -> Evaluation:
    rules = (a_rule(require, when),)
    evidence = passing_evidence(version=a_model_version(**changes), run=run or a_run())
    return an_evaluation(policy=replace(policy or a_policy(), rules=rules), evidence=evidence, champion=champion)


def judged(require: str, when: str | None = None, **changes: Any) -> GateResult:
    evaluation = evaluated(require, when, **changes)
    return next(gate for gate in evaluation.gates if gate.gate == "rule:plants")


@pytest.mark.parametrize(
    ("require", "when", "explanation"),
    [
        ('tags.classification == "internal"', None, "The rule is kept."),
        ('tags.classification == "secret"', 'tags.owner == "x"', "The rule does not apply: its condition is false."),
        (
            'model.name == "fraud-detector" && model.version == "7"',
            'model.workspace == "risk-dev"',
            "The rule is kept.",
        ),
        ('"sklearn" in model.flavors && model.type == "mlflow_model"', None, "The rule is kept."),
        ('job.id == "train-7" && job.status == "Completed"', None, "The rule is kept."),
        (
            'run.id == "evaluate-7" && run.status == "FINISHED" && run.dataset == "holdout-2025q3"',
            None,
            "The rule is kept.",
        ),
        ("metrics.auc - metrics.fairness_gap > 0.9", "!has(champion.metrics.auc)", "The rule is kept."),
        ("!has(tags.waiver)", None, "The rule is kept."),
    ],
)
def test_a_rule_that_is_kept_or_does_not_apply_passes(require: str, when: str | None, explanation: str) -> None:
    result = judged(require, when)
    assert (result.outcome, result.explanation) == (Outcome.PASSED, explanation)


def test_a_rule_that_is_not_kept_fails_with_what_it_read_and_the_fix() -> None:
    result = judged('metrics.auc > 0.95 && "onnx" in model.flavors', 'tags.classification == "internal"')
    assert result.outcome is Outcome.FAILED
    assert result.expected == 'metrics.auc > 0.95 && "onnx" in model.flavors, when tags.classification == "internal"'
    assert (
        result.actual
        == 'tags.classification "internal", metrics.auc 0.94, model.flavors ["python_function", "sklearn"]'
    )
    assert result.explanation == "The rule is not kept. Ask the plant."
    assert result.source == "tags.classification, metrics.auc, model.flavors"


def test_the_champion_is_read_from_its_recorded_evaluation() -> None:
    assert judged("metrics.auc >= champion.metrics.auc", champion=a_champion()).outcome is Outcome.FAILED
    assert judged("metrics.auc <= champion.metrics.auc", champion=a_champion()).outcome is Outcome.PASSED


@pytest.mark.parametrize(
    ("require", "changes", "absent", "explanation"),
    [
        ('tags.plant == "a"', {}, True, "The rule cannot be judged: it finds no value. Missing: tags.plant."),
        ("metrics.recall > 0.5", {}, True, "The rule cannot be judged: it finds no value. Missing: metrics.recall."),
        ("champion.metrics.auc > 0.5", {}, False, "The rule cannot be judged: it finds no value. Missing: champion.metrics.auc. Put this gate in shadow in policy fraud until a version judged by it is the champion."),
        ("metrics.auc == [1][0]", {}, False, "The rule cannot be judged: it mixes types (metrics are doubles: write 1.0, not 1)."),
        ("1 / 0 == 1", {}, False, "The rule cannot be judged: it divides by zero."),
        ("true", {"when": "[tags.classification][0]"}, False, "The rule cannot be judged: it gives string, neither true nor false."),
        ("metrics.auc > 0.5", {"run": a_run(metrics={"auc": "NaN"})}, False, 'The run\'s auc is "NaN", which is not finite.'),
        ("!has(metrics.auc)", {"run": a_run(metrics={"auc": "NaN"})}, False, 'The run\'s auc is "NaN", which is not finite.'),
        ("metrics.auc > 0.5", {"run": a_run(metrics={"auc": "1e400"})}, False, 'metrics.auc is "1e400", too large for a rule.'),
        ("has(champion.metrics.auc)", {"champion": a_champion(metrics={"auc": "x"})}, False, 'champion.metrics.auc is "x", which is malformed.'),
        ("metrics.auc > 0.5", {"run": a_run(ended_at=None)}, True, "No ended run about this version proves metrics.auc."),
        ("metrics.auc > 0.5", {"run": a_run(model="other:1")}, False, "No ended run about this version proves metrics.auc."),
        ("has(tags.note)", {"tags": tags(note="x" * 1001)}, False, "tags.note has 1001 characters, and rules read at most 1000."),
        ('!("onnx" in model.flavors)', {"flavors": frozenset(map(str, range(51)))}, False, "model.flavors holds 51, and rules read at most 50, of 1000 characters each."),
        ('!("onnx" in model.flavors)', {"flavors": frozenset({"x" * 1001})}, False, "model.flavors holds 1, and rules read at most 50, of 1000 characters each."),
        ('run.dataset == "x"', {"run": a_run(dataset=None)}, True, "The rule cannot be judged: it finds no value. Missing: run.dataset."),
    ],
)  # fmt: skip
def test_what_cannot_be_judged_is_unproven_and_says_why(
    require: str, changes: dict[str, Any], absent: bool, explanation: str
) -> None:
    result = judged(require, **changes)
    assert (result.outcome, result.absent, result.explanation) == (Outcome.UNPROVEN, absent, explanation)


@pytest.mark.parametrize(
    ("require", "changes"),
    [
        ('"7" in model.flavors', {"flavors": tuple(map(str, range(50)))}),
        ('!("onnx" in model.flavors)', {"flavors": ("x" * 1000,)}),
        ("has(tags.note)", {"tags": tags(note="x" * 1000)}),
    ],
    ids=["most flavors", "longest flavor", "longest tag"],
)
def test_what_is_as_long_as_it_may_be_is_judged(require: str, changes: dict[str, Any]) -> None:
    assert judged(require, **changes).outcome is Outcome.PASSED


def test_a_missing_tag_comes_with_the_command_that_sets_it() -> None:
    assert "--set 'tags.plant=<plant>'" in judged('tags.plant == "a"').command


@pytest.mark.parametrize(
    ("require", "when", "commands"),
    [
        ("metrics.auc > 0.95", None, ["az ml model create"]),
        ('tags.classification == "x"', None, ["--set 'tags.classification=<classification>'"]),
        ("1 == 2", None, ["az ml model create"]),
        (
            'tags.owner == "x" || job.id == "x"',
            'tags.classification == "internal"',
            ["--set 'tags.classification=<classification>'", "--set 'tags.owner=<owner>'", "az ml model create"],
        ),
    ],
)
def test_a_rule_that_is_not_kept_comes_with_what_changes_each_value_that_it_read(
    require: str, when: str | None, commands: list[str]
) -> None:
    found = judged(require, when).command.splitlines()
    assert len(found) == len(commands)
    assert all(part in command for part, command in zip(commands, found, strict=True)), found


@pytest.mark.parametrize(
    ("require", "changes", "command"),
    [
        ("metrics.recall > 0.5", {}, "--set 'tags.evaluation_run=<run id>'"),
        ("metrics.auc > 0.5", {"run": a_run(metrics={"auc": "NaN"})}, "--set 'tags.evaluation_run=<run id>'"),
        ('metrics.recall > 0.5 && tags.plant == "a"', {}, "--set 'tags.plant=<plant>'"),
        ("champion.metrics.auc > 0.5", {}, 'modes: {"rule:plants": shadow}'),
        ('champion.metrics.auc > 0.5 && tags.plant == "a"', {}, "--set 'tags.plant=<plant>'"),
    ],
)
def test_a_value_that_is_missing_comes_with_what_brings_it(require: str, changes: dict[str, Any], command: str) -> None:
    result = judged(require, **changes)
    assert result.outcome is Outcome.UNPROVEN
    assert result.command.endswith(command) or command in result.command
    assert len(result.command.splitlines()) == 1


def test_a_policy_without_evidence_mends_a_missing_job_by_another_version() -> None:
    result = judged('job.id == "x"', policy=a_policy(evidence=None), job=None)
    assert result.command.startswith("az ml model create")


def test_a_text_that_a_rule_reads_may_have_a_thousand_characters_and_no_more() -> None:
    assert judged("has(tags.note)", tags=tags(note="x" * LONGEST_VALUE)).outcome is Outcome.PASSED
    longer = judged("has(tags.note)", tags=tags(note="x" * (LONGEST_VALUE + 1)))
    assert longer.explanation == "tags.note has 1001 characters, and rules read at most 1000."


@pytest.mark.parametrize(
    ("path", "known"),
    [
        (("tags", "any"), True),
        (("champion", "metrics", "auc"), True),
        (("model", "flavors"), True),
        (("tags",), False),
        (("tags", "any", "more"), False),
        (("model", "secret"), False),
        (("secrets", "any"), False),
        (("champion", "tags", "any"), False),
    ],
)
def test_a_rule_reads_what_has_a_known_shape(path: tuple[str, ...], known: bool) -> None:
    assert (shape_fault(path) == "") is known


def test_a_rule_reads_a_metric_as_the_policy_takes_it() -> None:
    evidence = an_evidence_rule(metrics={"auc": MetricRule(from_results=True)})
    assert judged("metrics.auc > 0.5", policy=a_policy(evidence=evidence)).absent


def test_what_a_rule_reads_stands_in_the_digest() -> None:
    bare = a_policy(tags={}, release_record=(), job_required=False, job_status=None, evidence=an_evidence_rule(
        run_or_job=False, metrics={}, same_dataset_as_champion=False
    ))  # fmt: skip
    reads = "has(tags.plant) && has(metrics.recall) && has(job.id) && has(job.status) && has(run.dataset) || true"
    without = evaluated("true", policy=bare, tags=tags(plant="north"), run=a_run(metrics={"recall": "0.5"}))
    found = evaluated(reads, policy=bare, tags=tags(plant="north"), run=a_run(metrics={"recall": "0.5"}))
    assert (without.facts.tags, without.facts.metrics) == ({"evaluation_run": "evaluate-7"}, {})
    assert (without.facts.job, without.facts.job_status, without.facts.dataset) == (None, None, None)
    assert found.facts.tags == {"evaluation_run": "evaluate-7", "plant": "north"}
    assert found.facts.metrics == {"recall": "0.5"}
    assert (found.facts.job, found.facts.job_status, found.facts.dataset) == ("train-7", "Completed", "holdout-2025q3")


def test_a_value_that_a_rule_reads_voids_what_was_decided_and_another_does_not() -> None:
    def digest(**changes: str | None) -> Evaluation:
        return evaluated("has(tags.plant) || true", tags=tags(plant="north", note="a", **changes))

    before = digest()
    changed = evaluated("has(tags.plant) || true", tags=tags(plant="south", note="a"))
    assert evaluated("has(tags.plant) || true", tags=tags(plant="north", note="b")).digest == before.digest
    assert difference(before, changed) == ('Tag plant was "north", is "south".',)


def test_another_text_of_a_rule_is_another_rule() -> None:
    before, after = evaluated("true || has(tags.a)"), evaluated("true || has(tags.b)")
    assert before.digest != after.digest
    assert difference(before, after) == (
        'What is expected by gate rule:plants was "true || has(tags.a)", is "true || has(tags.b)".',
    )


def test_a_rule_that_is_off_reads_nothing() -> None:
    policy = a_policy(rules=(a_rule("has(tags.plant)"),), modes={"rule:plants": "off"})
    assert "plant" not in an_evaluation(policy=policy, evidence=passing_evidence(
        version=a_model_version(tags=tags(plant="north"))
    )).facts.tags  # fmt: skip
