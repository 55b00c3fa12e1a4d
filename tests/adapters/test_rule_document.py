"""Rules of policy files: how they are stated, and what is refused with its place."""

import subprocess
import sys
from pathlib import Path

import pytest

from shared.adapters.policy_files import load_policies
from tests.adapters.test_organisation_file import ORGANISATION
from tests.adapters.test_organisation_file import faults_of as faults_with_organisation
from tests.adapters.test_organisation_file import load as load_with_organisation
from tests.adapters.test_policy_files import FIX, FRAUD, SMALL, faults_of, folder_of, load

RULES = """
rules:
  - name: recall-of-cards
    when: 'tags.product == "cards"'
    require: metrics.recall >= 0.7 || has(tags.waiver)
    fix: Train with the cards of the last quarter, or ask for a waiver.
""".lstrip()


def test_a_rule_reads_into_values(tmp_path: Path) -> None:
    (policy,) = load(tmp_path, FRAUD + RULES)
    (rule,) = policy.rules
    assert (rule.name, rule.fix) == (
        "recall-of-cards",
        "Train with the cards of the last quarter, or ask for a waiver.",
    )
    assert rule.reads == (("tags", "product"), ("metrics", "recall"), ("tags", "waiver"))


@pytest.mark.parametrize(
    ("old", "new", "fault"),
    [
        ("metrics.recall >= 0.7", "metrics.recall >=", "a.yaml:29:5: rules.0.require is no CEL at line 1, column 19"),
        ("metrics.recall >= 0.7", "tags.a.matches('b')", "a.yaml:29:5: rules.0.require calls matches: use none but"),
        ("metrics.recall", "metrics", "a.yaml:29:5: rules.0.require reads metrics: read one of tags.<name>"),
        ("tags.product", "env.product", "a.yaml:28:5: rules.0.when reads env.product: read one of tags.<name>"),
        ("recall-of-cards", "Recall", 'a.yaml:27:5: rules.0.name is "Recall": write what fits'),
        ("    fix: Train", "    fox: Train", "a.yaml:27:5: rules.0.fix is missing: add it"),
        ("has(tags.waiver)", "has(tags.waiver)" + " || true" * 200, "a.yaml:29:5: rules.0.require is longer than 1000"),
        (
            "has(tags.waiver)",
            "has(tags.waiver)" + "||true" * 120,
            "a.yaml:29:5: rules.0.require has more than 200 parts",
        ),
    ],
)
def test_a_fault_of_a_rule_is_told_with_its_place_and_the_fix(tmp_path: Path, old: str, new: str, fault: str) -> None:
    assert old in RULES
    faults = faults_of(tmp_path, FRAUD + RULES.replace(old, new, 1))
    assert any(told.startswith(fault) and FIX.search(told) for told in faults), faults


def test_rules_fit_the_policy_that_they_stand_in(tmp_path: Path) -> None:
    twice = RULES + RULES.removeprefix("rules:\n").replace("metrics.recall >= 0.7", 'job.status == "x"')
    assert faults_of(tmp_path, SMALL + twice) == (
        "a.yaml:7:5: rules.0 reads metrics.recall, but no evidence is asked for: add evidence with a run.",
        "a.yaml:11:5: rules.1.name is recall-of-cards, as of a rule above: choose another name.",
        "a.yaml:11:5: rules.1 reads job.status, which is read for lineage.job_status only: add that.",
    )


def test_a_rule_has_a_gate_that_modes_may_name(tmp_path: Path) -> None:
    (policy,) = load(tmp_path, FRAUD.replace("mode: enforce", "modes: {'rule:recall-of-cards': shadow}") + RULES)
    assert policy.mode_of("rule:recall-of-cards") == "shadow"


def test_a_rule_of_the_organisation_holds_under_every_policy_and_none_may_have_another_of_its_name(
    tmp_path: Path,
) -> None:
    (fraud,) = load_with_organisation(tmp_path, ORGANISATION + RULES, FRAUD)
    assert [rule.name for rule in fraud.rules] == ["recall-of-cards"]
    (told,) = faults_with_organisation(tmp_path, ORGANISATION + RULES, FRAUD + RULES.replace("0.7", "0.6"))
    assert told.startswith(
        "a.yaml:27:5: rules.0 is another rule recall-of-cards, but organisation.yaml:18:5 asks for its own"
    )


def test_without_rules_the_library_is_never_loaded(tmp_path: Path) -> None:
    folder_of(tmp_path, FRAUD)
    code = (
        "import sys; from pathlib import Path; from shared.adapters.policy_files import load_policies;"
        f"load_policies(Path({str(tmp_path)!r})); sys.exit('celpy' in sys.modules or 'lark' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
    assert len(load_policies(tmp_path)) == 1
