"""Every bound of a policy is held by cases on both sides, or it is said what it could be instead, and what case to add."""

import shutil
from collections.abc import Mapping, Sequence
from pathlib import Path

import pytest

from shared.adapters.policy_cases import run_cases
from shared.adapters.policy_trial import OpenBound, untried

OURS = Path(__file__).parents[2] / "policies"

POLICY = """
policy: loans
match: {workspaces: [credit-dev], models: ["loan-*"]}
owner: a@contoso.com
grace: 30m
release_record: {require: [scope]}
tags:
  class: {one_of: [a, b]}
reserved_tags: [approved_by]
evidence:
  run: {or: job}
  max_age: 30d
  documents:
    - {kind: modelscan, path: m.json, max_age: 90m, min_version: 0.8.1, allow: low}
  metrics:
    auc: {min: 0.80, max: 0.99, better: higher, no_worse_than_champion_by: 0.01}
    loss: {max: 5, use: best}
approval:
  quorum: 2
  rejections: 2
  groups: [ml-approvers, risk-officers]
  required_groups: [risk-officers]
  exclude: [registrant, run_submitter]
  expires_after: 90m
targets:
  - {registry: contoso-shared}
modes: {"metric:loss": warn}
exceptions:
  - {gate: "tag:class", models: [loan-old, loan-older], owner: a@contoso.com, reason: RISK-1, until: 2026-06-30}
""".lstrip()

EVIDENCE = """
policy: loans
evidence:
  workspace: credit-dev
  name: loan-new
  version: "1"
  registrant: Dana Osei
  tags: {class: a}
  job: train-1
  files: {model.pkl: bWQ1}
  documents: {modelscan: {age: 1h, version: 0.8.1, files: {model.pkl: bWQ1}, named: [model.pkl]}}
  run: {id: train-1, age: 1d, submitter: Dana Osei, metrics: {auc: 0.9, loss: 9}, series: {loss: [4, 9]}}
  champion: {metrics: {auc: 0.85}}
cases:
""".lstrip()

WHOLE = (
    "outcome: passed, quorum: 2, rejections: 2, groups: [ml-approvers, risk-officers], required_groups: [risk-officers], "
    "expires_after: 90m, missing_record: [scope], targets: ['contoso-shared:loan-new:1'], modes: {'metric:loss': warn}"
)
# Each case, and what is open without it. What several cases hold stands with none of them.
CASES: Mapping[str, tuple[str, Sequence[str]]] = {
    "whole": (
        f"but: {{}}, expect: {{{WHOLE}}}",
        (
            "release_record.require could do without scope",
            "targets.0.registry could be elsewhere instead of contoso-shared",
            "approval.quorum could be 1 instead of 2",
            "approval.quorum could be 3 instead of 2",
            "approval.rejections could be 1 instead of 2",
            "approval.rejections could be 3 instead of 2",
            "approval.expires_after could be 89m instead of 90m",
            "approval.expires_after could be 91m instead of 90m",
            "approval.groups could do without ml-approvers",
            "approval.groups could do without risk-officers",
            "approval.required_groups could do without risk-officers",
            "modes.metric:loss could be shadow instead of warn",
        ),
    ),
    "b": ("but: {tags: {class: b}}, expect: {outcome: passed}", ("tags.class.one_of could do without b",)),
    "approved": (
        "but: {tags: {approved_by: x}}, expect: {outcome: failed, gates: {reserved_tags: failed}}",
        ("reserved_tags could do without approved_by",),
    ),
    "another": (
        "but: {tags: {class: c}}, expect: {outcome: failed, gates: {'tag:class': failed}}",
        (),
    ),
    "old run": (
        "but: {run: {age: 721h}}, expect: {outcome: unproven, gates: {'evidence:max_age': unproven}}",
        ("evidence.max_age could be 721h instead of 30d",),
    ),
    "run": ("but: {run: {age: 30d}}, expect: {outcome: passed}", ("evidence.max_age could be 719h instead of 30d",)),
    "old report": (
        "but: {documents: {modelscan: {age: 91m}}}, expect: {outcome: unproven, gates: {'document:modelscan': unproven}}",
        ("evidence.documents.0.max_age could be 91m instead of 90m",),
    ),
    "report": (
        "but: {documents: {modelscan: {age: 90m}}}, expect: {outcome: passed}",
        ("evidence.documents.0.max_age could be 89m instead of 90m",),
    ),
    "old tool": (
        "but: {documents: {modelscan: {version: 0.8.0}}}, expect: {outcome: unproven, gates: {'document:modelscan': unproven}}",
        ("evidence.documents.0.min_version could be 0.8.0 instead of 0.8.1",),
    ),
    "medium": (
        "but: {documents: {modelscan: {findings: {medium: 1}}}}, expect: {outcome: failed, gates: {'document:modelscan': failed}}",
        ("evidence.documents.0.allow could be medium instead of low",),
    ),
    "low": (
        "but: {documents: {modelscan: {findings: {low: 1}}}}, expect: {outcome: passed}",
        ("evidence.documents.0.allow could be none instead of low",),
    ),
    "least": (
        "but: {champion: null, run: {metrics: {auc: 0.80}}}, expect: {outcome: passed}",
        ("evidence.metrics.auc.min could be 0.8001 instead of 0.8",),
    ),
    "too little": (
        "but: {champion: null, run: {metrics: {auc: 0.7999}}}, expect: {outcome: failed, gates: {'metric:auc': failed}}",
        ("evidence.metrics.auc.min could be 0.7999 instead of 0.8",),
    ),
    "most": (
        "but: {run: {metrics: {auc: 0.99}}}, expect: {outcome: passed}",
        ("evidence.metrics.auc.max could be 0.9899 instead of 0.99",),
    ),
    "too much": (
        "but: {run: {metrics: {auc: 0.9901}}}, expect: {outcome: failed, gates: {'metric:auc': failed}}",
        ("evidence.metrics.auc.max could be 0.9901 instead of 0.99",),
    ),
    "worse": (
        "but: {run: {metrics: {auc: 0.84}}}, expect: {outcome: passed}",
        ("evidence.metrics.auc.no_worse_than_champion_by could be 0.0099 instead of 0.01",),
    ),
    "too bad": (
        "but: {run: {metrics: {auc: 0.8399}}}, expect: {outcome: failed, gates: {'metric:auc:champion': failed}}",
        ("evidence.metrics.auc.no_worse_than_champion_by could be 0.0101 instead of 0.01",),
    ),
    "loss": (
        "but: {run: {series: {loss: [5, 9]}}}, expect: {outcome: passed}",
        ("evidence.metrics.loss.max could be 4.99 instead of 5",),
    ),
    "too high": (
        "but: {run: {series: {loss: [5.01, 9]}}}, expect: {outcome: passed, gates: {'metric:loss': failed}}",
        ("evidence.metrics.loss.max could be 5.01 instead of 5",),
    ),
    "somebody else": (
        "but: {run: {submitter: Ana Petrova}}, expect: {outcome: passed, excluded: [dana.submitter, ana.auditor]}",
        (
            "approval.exclude could do without registrant",
            "approval.exclude could do without run_submitter",
        ),
    ),
    "waits": (
        "but: {registered: 29m, tags: {class: null}}, expect: {outcome: unproven, gates: {'tag:class': unproven}, waits: true}",
        ("grace could be 29m instead of 30m",),
    ),
    "no more": (
        "but: {registered: 30m, tags: {class: null}}, expect: {outcome: unproven, gates: {'tag:class': unproven}, waits: false}",
        ("grace could be 31m instead of 30m",),
    ),
    "let go": (
        "but: {day: 2026-06-30, name: loan-old, tags: {class: c}}, expect: {outcome: passed, gates: {'tag:class': failed}}",
        (
            "exceptions.0.until could be 2026-06-29 instead of 2026-06-30",
            "exceptions.0.models could do without loan-old",
        ),
    ),
    "no longer": (
        "but: {day: 2026-07-01, name: loan-older, tags: {class: c}}, expect: {outcome: failed, gates: {'tag:class': failed}}",
        ("exceptions.0.until could be 2026-07-01 instead of 2026-06-30",),
    ),
    "older": (
        "but: {name: loan-older, tags: {class: c}}, expect: {outcome: passed, gates: {'tag:class': failed}}",
        ("exceptions.0.models could do without loan-older",),
    ),
}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    shutil.copytree(OURS / "directory", tmp_path / "directory")
    (tmp_path / "loans.yaml").write_text(POLICY)
    return tmp_path


def written(folder: Path, cases: Sequence[str]) -> None:
    listed = "".join(f"  - {{case: {name}, {CASES[name][0]}}}\n" for name in cases)
    (folder / "loans.test.yaml").write_text(EVIDENCE + listed)


def left_open(folder: Path, cases: Sequence[str]) -> list[OpenBound]:
    written(folder, cases)
    results = run_cases(folder)
    assert [(result.of.case, result.faults) for result in results if not result.ok] == []
    return untried(folder, results)[1]


def test_a_suite_that_holds_every_bound_leaves_none_open(folder: Path) -> None:
    assert left_open(folder, list(CASES)) == []


@pytest.mark.parametrize("case", CASES)
def test_without_a_case_the_bounds_that_it_alone_held_are_told(folder: Path, case: str) -> None:
    found = left_open(folder, [name for name in CASES if name != case])
    assert [bound.could_be for bound in found] == list(CASES[case][1])


@pytest.mark.parametrize(
    ("could_be", "stated", "add"),
    [
        ("evidence.metrics.auc.min could be 0.7999", "min: 0.80", "a case whose auc is exactly 0.7999"),
        ("evidence.metrics.auc.min could be 0.8001", "min: 0.80", "a case whose auc is exactly 0.8"),
        ("evidence.metrics.auc.max could be 0.9901", "max: 0.99", "a case whose auc is exactly 0.9901"),
        ("evidence.metrics.auc.max could be 0.9899", "max: 0.99", "a case whose auc is exactly 0.99"),
        (
            "evidence.metrics.auc.no_worse_than_champion_by could be 0.0101",
            "no_worse_than_champion_by",
            "a case whose auc is worse than that of the champion by 0.0101",
        ),
        ("evidence.metrics.loss.use could be last", "use: best", "a case whose last value of loss comes out otherwise than the best of its series"),
        ("evidence.max_age could be 721h", "max_age: 30d", "a case whose run has age: 721h"),
        ("evidence.max_age could be 719h", "max_age: 30d", "a case whose run has age: 30d"),
        ("evidence.documents.0.min_version could be 0.8.0", "min_version", "a case whose modelscan has version: 0.8.0"),
        ("evidence.documents.0.min_version could be 0.8.2", "min_version", "a case whose modelscan has version: 0.8.1"),
        ("evidence.documents.0.allow could be medium", "allow: low", "a case whose modelscan has a finding that is medium"),
        ("tags.class.one_of could do without a", "a, b", "a case whose tag class is a"),
        ("grace could be 31m", "grace", "waits under expect, in a case that lacks a tag, registered: 30m"),
        ("grace could be 29m", "grace", "waits under expect, in a case that lacks a tag, registered: 29m"),
        ("approval.quorum could be 3", "quorum", "quorum under expect"),
        ("approval.exclude could do without registrant", "registrant, run", "excluded under expect, where registrant is somebody else"),
        ("reserved_tags could do without approved_by", "approved_by]", "a case with a tag approved_by"),
        ("modes.metric:loss could be enforce", '"metric:loss": warn', "modes under expect, with metric:loss: warn"),
        ("exceptions.0.until could be 2026-07-01", "until: 2026", "a case that tag:class does not let pass, on day: 2026-07-01"),
        ("exceptions.0.until could be 2026-06-29", "until: 2026", "a case that tag:class does not let pass, on day: 2026-06-30"),
    ],
)  # fmt: skip
def test_what_is_open_is_told_with_its_place_and_the_case_to_add(
    folder: Path, could_be: str, stated: str, add: str
) -> None:
    (bound,) = [
        each for each in untried(folder, [])[1] if each.could_be.startswith(f"{could_be} ") or each.could_be == could_be
    ]
    _, line, column = bound.place.rsplit(":", 2)
    assert bound.policy == "loans"
    assert POLICY.splitlines()[int(line) - 1][int(column) - 1 :].startswith(stated)
    assert bound.add.endswith(f"loans.test.yaml {add}")


def test_what_a_gate_that_is_off_looks_at_is_no_bound(folder: Path) -> None:
    policy = POLICY.replace('modes: {"metric:loss": warn}', 'modes: {"metric:loss": off}')
    (folder / "loans.yaml").write_text(policy)
    assert [bound.could_be for bound in left_open(folder, ["approved"]) if "loss.max" in bound.could_be] == []
    (folder / "loans.yaml").write_text(POLICY)
    assert len([bound for bound in left_open(folder, ["approved"]) if "loss.max" in bound.could_be]) == 2


KIND = 'modes: {"metric:*": warn, "metric:loss": shadow}'
NAMED = "modes under expect, with metric:auc: warn, metric:auc:champion: warn"
TRIED = "{'metric:auc': warn, 'metric:auc:champion': warn, 'metric:loss': shadow}"


def modes_open(folder: Path, expect: str = "") -> dict[str, str]:
    """What is open of the modes, and the case to add; `expect` is what one says besides."""
    case = f"  - {{case: whole, expect: {{outcome: passed{expect}}}}}\n"
    (folder / "loans.test.yaml").write_text(EVIDENCE + case)
    results = run_cases(folder)
    assert [result.faults for result in results if not result.ok] == []
    found = {bound.could_be: bound.add.partition("test.yaml ")[2] for bound in untried(folder, results)[1]}
    return {could_be: add for could_be, add in found.items() if could_be.startswith("mode")}


def test_of_a_kind_the_gates_are_named_whose_mode_it_decides_and_that_can_be_followed(folder: Path) -> None:
    (folder / "loans.yaml").write_text(POLICY.replace('modes: {"metric:loss": warn}', KIND))
    assert modes_open(folder)["modes.metric:* could be enforce instead of warn"] == NAMED
    assert modes_open(folder, f", modes: {TRIED}") == {}


def test_where_the_organisation_holds_every_gate_of_a_kind_its_mode_is_no_bound(folder: Path) -> None:
    floors = "tags: {class: {one_of: [a, b]}}\nevidence: {metrics: {auc: {min: 0.5}}}\n"
    (folder / "organisation.yaml").write_text(f"organisation: bank\nowner: a@contoso.com\n{floors}")
    held = POLICY.replace('modes: {"metric:loss": warn}', 'modes: {"tag:*": warn, "metric:*": shadow}')
    (folder / "loans.yaml").write_text(held[: held.index("exceptions:")])
    found = modes_open(folder)
    assert [could_be for could_be in found if "tag:*" in could_be] == []
    named = "modes under expect, with metric:auc:champion: shadow, metric:loss: shadow"
    assert found["modes.metric:* could be warn instead of shadow"] == named


def test_where_every_gate_has_a_mode_of_its_own_that_of_the_policy_is_no_bound(folder: Path) -> None:
    kinds = ("release_record", "tag:*", "evidence:*", "document:*", "metric:*")
    modes = ", ".join(f'"{kind}": enforce' for kind in kinds)
    (folder / "loans.yaml").write_text(POLICY.replace('{"metric:loss": warn}', f"{{{modes}}}") + "mode: warn\n")
    assert [could_be for could_be in modes_open(folder) if could_be.startswith("mode could")] == []


def test_what_is_off_is_held_by_a_case_that_it_would_refuse(folder: Path) -> None:
    (folder / "loans.yaml").write_text(POLICY.replace('"metric:loss": warn', '"metric:loss": off'))
    add = "a case that metric:loss would refuse"
    assert modes_open(folder)["modes.metric:loss could be warn instead of off"] == add
    bad = "}}\n  - {case: bad, but: {run: {series: {loss: [9]}}}, expect: {outcome: passed"
    found = modes_open(folder).keys() - modes_open(folder, bad).keys()
    assert {f"modes.metric:loss could be {other} instead of off" for other in ("shadow", "warn", "enforce")} <= found


def test_what_the_file_leaves_out_is_no_bound_of_it(folder: Path) -> None:
    (folder / "loans.yaml").write_text(POLICY.replace("grace: 30m\n", "").replace("  rejections: 2\n", ""))
    (folder / "organisation.yaml").write_text(
        "organisation: bank\nowner: a@contoso.com\ntags: {team: {one_of: [x, y]}}\n"
    )
    written(folder, [])
    (folder / "loans.test.yaml").unlink()
    _, found = untried(folder, [])
    assert {bound.could_be.split(" ")[0] for bound in found} & {
        "grace",
        "approval.rejections",
        "tags.team.one_of",
    } == set()
    assert any(bound.could_be.startswith("approval.quorum") for bound in found)


def test_a_case_that_does_not_hold_holds_no_bound(folder: Path) -> None:
    written(folder, list(CASES))
    suite = folder / "loans.test.yaml"
    suite.write_text(
        suite.read_text().replace(
            "auc: 0.7999}}}, expect: {outcome: failed", "auc: 0.7999}}}, expect: {outcome: passed"
        )
    )
    results = run_cases(folder)
    assert [result.of.case for result in results if not result.ok] == ["too little"]
    assert [bound.could_be for bound in untried(folder, results)[1]] == [
        "evidence.metrics.auc.min could be 0.7999 instead of 0.8"
    ]
