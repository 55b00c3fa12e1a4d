import re
from collections.abc import Sequence
from datetime import date, time, timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from shared.adapters.people_file import load_people
from shared.adapters.policy_files import PolicyFolder, load_policies
from shared.adapters.policy_listing import MOST_POLICIES
from shared.domain.change_window import WEEK, ChangeWindow
from shared.domain.errors import DocumentInvalid
from shared.domain.ids import PromotionId
from shared.domain.people import People
from shared.domain.policy import DocumentRule, ExceptionRule, MetricRule, Policy, ResultsRule, TagRule, TargetRule
from shared.domain.policy_match import matches
from shared.domain.targets import champion_line
from tests.domain.evidence_makers import a_policy, an_approval_rule, an_evaluation, an_evidence_rule, people

OURS = Path(__file__).parents[2] / "policies"

FRAUD = r"""
policy: fraud
match: {workspaces: [risk-dev], models: ["fraud-*"], opt_in_tag: null}
owner: risk-platform@contoso.com
grace: 30m
release_record: {require: [owner, scope, rollback_path, monitoring_signal]}
tags:
  owner: {pattern: '[^@]+@contoso\.com'}
  data_window: {type: date_range}
  classification: {one_of: [internal, restricted]}
lineage: {job_required: true, job_status: Completed}
evidence:
  run: {tag: evaluation_run, or: job}
  max_age: 30d
  same_dataset_as_champion: true
  metrics:
    auc: {min: 0.90, no_worse_than_champion_by: 0.01}
    fairness_gap: {max: 0.05}
approval:
  quorum: 2
  groups: [ml-approvers, risk-officers]
  required_groups: [risk-officers]
  exclude: [registrant, run_submitter]
  expires_after: 7d
targets: [{registry: contoso-shared}, {registry: contoso-eu, name: "{workspace}-{name}"}]
mode: enforce
""".lstrip()

WINDOW = (
    'change_window: {time_zone: Europe/Zurich, days: [mon, tue], hours: "09:00-17:00", '
    'freeze: ["2026-12-20/2027-01-05", 2026-05-01]}'
)
EXCEPTION = (
    "exceptions: [{gate: metric:auc, models: [fraud-x], owner: rosa@contoso.com, reason: RISK-311, until: 2026-12-31}]"
)

# Each sentence says what to do: by a verb, or by what the value must be.
FIX = re.compile(
    r"\b(?:write|add|read|remove|put|list|keep|lower|narrow|choose|swap|split|see|shorten|use|must|once|require|expected)\b",
    re.IGNORECASE,
)

SMALL = """
policy: small
match: {workspaces: [lab], models: [churn]}
owner: lab@contoso.com
approval: {quorum: 1, groups: [ml-approvers]}
targets: [{registry: contoso-shared}]
""".lstrip()


def folder_of(tmp_path: Path, *contents: str) -> Path:
    for letter, content in zip("abcdef", contents, strict=False):
        (tmp_path / f"{letter}.yaml").write_text(content, encoding="utf-8")
    return tmp_path


def within(folder: Path, faults: Sequence[str]) -> tuple[str, ...]:
    """Faults with the paths as they are found from `folder`."""
    return tuple(fault.replace(f"{folder}/", "") for fault in faults)


def load(tmp_path: Path, *contents: str) -> tuple[Policy, ...]:
    return load_policies(folder_of(tmp_path, *contents))


def faults_of(tmp_path: Path, *contents: str, directory: People | None = None) -> tuple[str, ...]:
    with pytest.raises(DocumentInvalid) as caught:
        load_policies(folder_of(tmp_path, *contents), directory)
    return within(tmp_path, caught.value.faults)


def test_the_documented_policy_reads_into_values(tmp_path: Path) -> None:
    assert load(tmp_path, FRAUD) == (a_policy(),)


def test_what_is_left_out_has_the_strict_or_empty_default(tmp_path: Path) -> None:
    (policy,) = load(tmp_path, SMALL)
    assert (policy.grace, policy.mode, policy.evidence) == (timedelta(minutes=30), "enforce", None)
    assert policy.approval.exclude == ("registrant",)
    assert policy.approval.expires_after == timedelta(days=7)
    assert policy.targets == (TargetRule("contoso-shared", "{name}", "{version}", None),)
    assert (policy.tags, policy.release_record, policy.job_required, policy.job_status) == ({}, (), False, None)


def test_a_policy_sets_modes_for_its_gates_and_off_is_a_word(tmp_path: Path) -> None:
    modes = 'mode: off\nmodes: {"tag:*": shadow, "metric:auc": warn, release_record: off}\n'
    (policy,) = load(tmp_path, FRAUD.replace("mode: enforce\n", modes))
    assert policy.mode == "off"
    assert policy.modes == {"tag:*": "shadow", "metric:auc": "warn", "release_record": "off"}


def test_evidence_asks_for_documents_about_the_files(tmp_path: Path) -> None:
    asked = '{kind: modelscan, path: scans/m.json, max_age: 30d, min_version: "0.8", allow: low, binding: names}'
    (policy,) = load(tmp_path, FRAUD.replace("max_age: 30d", f"documents: [{asked}]"))
    assert policy.evidence is not None
    rule = DocumentRule("modelscan", "scans/m.json", timedelta(days=30), "0.8", "low", "names")
    assert policy.evidence.documents == (rule,)


def test_evidence_names_a_file_of_results_and_asks_for_the_code_version(tmp_path: Path) -> None:
    more = "max_age: 30d\n  results: {path: evaluation/results.json, format: clearance}\n  code_version: required"
    content = FRAUD.replace("max_age: 30d", more).replace("{max: 0.05}", "{max: 0.05, from: results}")
    (policy,) = load(tmp_path, content)
    assert policy.evidence is not None
    assert policy.evidence.results == ResultsRule("evaluation/results.json", "clearance")
    assert policy.evidence.code_version
    assert policy.evidence.metrics["fairness_gap"].taken == "results"


def test_a_metric_says_which_value_counts_and_what_is_better(tmp_path: Path) -> None:
    (policy,) = load(tmp_path, FRAUD.replace("{max: 0.05}", "{min: 0, max: 0.05, use: best, better: lower}"))
    assert policy.evidence is not None
    found = policy.evidence.metrics["fairness_gap"]
    assert found == MetricRule(Decimal(0), Decimal("0.05"), None, "best", "lower")
    assert found.lower_is_better


def test_a_policy_lists_exceptions(tmp_path: Path) -> None:
    (policy,) = load(tmp_path, FRAUD + EXCEPTION)
    rule = ExceptionRule("metric:auc", ("fraud-x",), "rosa@contoso.com", "RISK-311", date(2026, 12, 31))
    assert policy.exceptions == (rule,)


def test_a_policy_has_a_change_window(tmp_path: Path) -> None:
    (policy,) = load(tmp_path, FRAUD + WINDOW)
    freezes = ((date(2026, 5, 1), date(2026, 5, 1)), (date(2026, 12, 20), date(2027, 1, 5)))
    assert policy.change_window == ChangeWindow("Europe/Zurich", ("mon", "tue"), time(9), time(17), freezes)


@pytest.mark.parametrize(
    ("said", "window"),
    [
        ("days: [sun, mon, sun]", ChangeWindow("UTC", ("mon", "sun"), time(), time())),
        ('hours: "22:00-04:00"', ChangeWindow("UTC", WEEK, time(22), time(4))),
        ('hours: "17:00-24:00"', ChangeWindow("UTC", WEEK, time(17), time())),
        ("freeze: [2026-05-01]", ChangeWindow("UTC", WEEK, time(), time(), ((date(2026, 5, 1), date(2026, 5, 1)),))),
    ],
)
def test_what_a_window_leaves_out_is_every_day_and_the_whole_day(
    tmp_path: Path, said: str, window: ChangeWindow
) -> None:
    (policy,) = load(tmp_path, FRAUD + "change_window: {time_zone: UTC, " + said + "}")
    assert policy.change_window == window


def test_excluded_roles_follow_from_the_evidence_asked_for(tmp_path: Path) -> None:
    (policy,) = load(tmp_path, FRAUD.replace("  exclude: [registrant, run_submitter]\n", ""))
    assert policy.approval.exclude == ("registrant", "run_submitter")


# What is changed in the policy above, and what is told of it.
FAULTS = [
    ("grace: 30m", "grase: 30m", "a.yaml:4:1: grase is no key known here: write grace, or remove it."),
    ("grace: 30m", "zzz: 1", "a.yaml:4:1: zzz is no key known here: remove it."),
    ("mode: enforce", "mode: observe", "mode is \"observe\"; write 'off', 'shadow', 'warn' or 'enforce'."),
    ("mode: enforce", "modes: {'tag:owner': quiet}", "modes.tag:owner is \"quiet\"; write 'off', 'shadow'"),
    ("mode: enforce", EXCEPTION.replace("auc", "acc"), "exceptions.0.gate names no gate of this policy: write metric:auc"),
    ("mode: enforce", EXCEPTION.replace("metric:auc", "'tag:*'"), "exceptions.0.gate names no gate of this policy"),
    ("mode: enforce", EXCEPTION.replace("metric:auc", "separation_of_duties"), "exceptions.0.gate is enforced whatev"),
    ("mode: enforce", EXCEPTION.replace("metric:auc", "target:contoso-eu"), "exceptions.0.gate is enforced whatever a"),
    ("mode: enforce", EXCEPTION.replace("fraud-x", "churn"), "exceptions.0.models names churn, but this policy gov"),
    ("mode: enforce", EXCEPTION.replace("2026-12-31", "2026-12"), "exceptions.0.until is no day: write it as 2026-12-31."),
    ("mode: enforce", EXCEPTION.replace("2026-12-31", "'9999-12-31'"), "exceptions.0.until is no day"),
    ("mode: enforce", EXCEPTION.replace("2026-12-31", "0001-01-01"), "until is not within the years 2000 to 9998: write"),
    ("mode: enforce", EXCEPTION.replace("2026-12-31", "1999-12-31"), "until is not within the years 2000 to 9998: write"),
    ("mode: enforce", EXCEPTION.replace("2026-12-31", "9999-01-01"), "until is not within the years 2000 to 9998: write"),
    ("mode: enforce", WINDOW.replace("2027-01-05", "9999-12-30"), "freeze.0 is not within the years 2000 to 9998: write"),
    ("mode: enforce", WINDOW.replace("2026-05-01", "0001-01-01"), "freeze.1 is not within the years 2000 to 9998: write"),
    ("mode: enforce", "change_window:", "a.yaml:25:1: change_window holds nothing: write it, or remove it."),
    ("mode: enforce", "change_window: ~", "a.yaml:25:1: change_window holds nothing: write it, or remove it."),
    ("max_age: 30d", "results: # {path: x.json, format: clearance}", "a.yaml:13:3: evidence.results holds nothing: write"),
    ("exclude: [registrant, run_submitter]", "exclude:", "a.yaml:22:3: approval.exclude holds nothing: write it, or rem"),
    ("{one_of: [internal, restricted]}", "{one_of: , type: date_range}", "tags.classification.one_of holds nothing: write"),
    ("mode: enforce", EXCEPTION.replace("2026-12-31", "20261231"), "exceptions.0.until is no day"),
    ("mode: enforce", EXCEPTION.replace(", until: 2026-12-31", ""), "exceptions.0.until is missing: add it."),
    ("mode: enforce", EXCEPTION.replace("owner: rosa@contoso.com, ", ""), "exceptions.0.owner is missing: add it."),
    ("mode: enforce", EXCEPTION.replace("reason: RISK-311, ", ""), "exceptions.0.reason is missing: add it."),
    ("mode: enforce", EXCEPTION.replace("[fraud-x]", "[]"), "exceptions.0.models is empty: list at least one."),
    ("mode: enforce", WINDOW.replace("Europe/Zurich", "Europe/Zürich"), "change_window.time_zone is no time zone: write Europe/Zurich."),
    ("mode: enforce", WINDOW.replace("Europe/Zurich", "localtime"), "change_window.time_zone is no time zone: write"),
    ("mode: enforce", WINDOW.replace("Europe/Zurich", "zzz"), "write one such as Europe/Zurich."),
    ("mode: enforce", WINDOW.replace("mon,", "monday,"), "change_window.days.0 is \"monday\"; write 'mon', 'tue'"),
    ("mode: enforce", WINDOW.replace("[mon, tue]", "[]"), "change_window.days is empty: list at least one."),
    ("mode: enforce", WINDOW.replace("17:00", "25:00"), 'change_window.hours are no hours: write "09:00-17:00"'),
    ("mode: enforce", WINDOW.replace("09:00-17:00", "9-17"), "change_window.hours are no hours: write"),
    ("mode: enforce", WINDOW.replace('"09:00-17:00"', "9"), "change_window.hours are no hours: write"),
    ("mode: enforce", WINDOW.replace("17:00", "09:00"), "change_window.hours end where they begin: write"),
    ("mode: enforce", WINDOW.replace("2027-01-05", "2026-01-05"), "change_window.freeze.0 ends before it begins: swap"),
    ("mode: enforce", WINDOW.replace("2027-01-05", "never"), "change_window.freeze.0 is no freeze: write a day as"),
    ("mode: enforce", WINDOW.replace("time_zone: Europe/Zurich, ", ""), "change_window.time_zone is missing: add it."),
    ("mode: enforce", "change_window: {time_zone: UTC}", "change_window is always open: write days, hours or freeze,"),
    ("mode: enforce", "modes: {'tag:own': warn}", "modes.tag:own names no gate of this policy: write tag:owner, or"),
    ("mode: enforce", "modes: {'metrics:*': warn}", "modes.metrics:* names no gate of this policy: write metric:*,"),
    ("mode: enforce", "modes: {zzz: warn}", "modes.zzz names no gate of this policy: write one of release_record, tag"),
    ("mode: enforce", "modes: {separation_of_duties: warn}", "modes.separation_of_duties is enforced whatever a poli"),
    ("mode: enforce", "modes: {'target:*': shadow}", "modes.target:* is enforced whatever a policy says: remove it."),
    ("owner: risk-platform@contoso.com\n", "", "a.yaml:1:1: owner is missing: add it."),
    ("owner: risk-platform@contoso.com", "owner: 7", "a.yaml:3:1: owner must be text: put it in quotes."),
    ("owner: risk-platform@contoso.com", "owner: ''", "a.yaml:3:1: owner is empty: write something."),
    ("grace: 30m", "grace: 30", "a.yaml:4:1: grace is no duration"),
    ("grace: 30m", "grace: 1w", "a.yaml:4:1: grace is no duration"),
    ("max_age: 30d", "max_age: 0d", "a.yaml:13:3: evidence.max_age is no time at all: write at least 1m."),
    ("min: 0.90", "min: .nan", "a.yaml:16:11: evidence.metrics.auc.min is not finite"),
    ("min: 0.90", "min: .inf", "a.yaml:16:11: evidence.metrics.auc.min is not finite"),
    ("min: 0.90", "min: true", "a.yaml:16:11: evidence.metrics.auc.min is no number"),
    ("min: 0.90", "min: '0.9'", "a.yaml:16:11: evidence.metrics.auc.min is no number"),
    ("min: 0.90", "min: 9e-1", "a.yaml:16:11: evidence.metrics.auc.min is no number"),
    ("min: 0.90, ", "", "a.yaml:16:5: evidence.metrics.auc bounds nothing: write min or max."),
    ("{max: 0.05}", "{min: 1, max: 0.05}", "a.yaml:17:5: evidence.metrics.fairness_gap has a min above its max"),
    ("{min: 0.90,", "{min: 0.90, max: 1,", "a.yaml:16:5: evidence.metrics.auc has two bounds, so that better"),
    ("{max: 0.05}", "{min: 0, max: 0.05, use: best}", "a.yaml:17:5: evidence.metrics.fairness_gap has two bounds"),
    ("{max: 0.05}", "{max: 0.05, from: results}", "a.yaml:17:31: evidence.metrics.fairness_gap.from is results, but evidence names none: write results"),
    ("{max: 0.05}", "{max: 0.05, from: results, use: best}", "fairness_gap takes one value from the results"),
    ("max_age: 30d", "results: {path: ../x.json, format: clearance}", 'evidence.results.path is "../x.json": write what fits'),
    ("max_age: 30d", "results: {path: /x.json, format: clearance}", 'evidence.results.path is "/x.json": write what fits'),
    ("max_age: 30d", "results: {path: a/../b, format: clearance}", 'evidence.results.path is "a/../b": write what fits'),
    ("max_age: 30d", "results: {path: x.json, format: csv}", 'evidence.results.format is "csv"; write'),
    ("max_age: 30d", "documents: [{kind: virustotal, path: x.json}]", "evidence.documents.0.kind is"),
    ("max_age: 30d", "documents: [{kind: modelscan, path: x.json, min_version: 0.8}]", "min_version must be text"),
    ("max_age: 30d", "documents: [{kind: picklescan, path: x.json, binding: names}]", "is bound to names, and only"),
    ("max_age: 30d", "documents: [{kind: model_signing, path: x.json, allow: low}]", "and a signature has none"),
    ("max_age: 30d", "documents: [&a {kind: modelscan, path: x.json}]", "The anchor"),
    ("max_age: 30d", "documents: [{kind: modelscan, path: x.json}, {kind: modelscan, path: y.json}]",
     "a.yaml:13:48: evidence.documents.1 is another modelscan: keep one document of a kind."),
    ("max_age: 30d", "code_version: yes", "evidence.code_version is"),
    ("{max: 0.05}", "{max: 0.05, use: first}", 'a.yaml:17:31: evidence.metrics.fairness_gap.use is "first"; write'),
    ("{max: 0.05}", "{max: 0.05, better: more}", 'evidence.metrics.fairness_gap.better is "more"; write'),
    ("by: 0.01", "by: -0.01", "a.yaml:16:22: evidence.metrics.auc.no_worse_than_champion_by is negative: write 0 or more."),
    ("    auc:", "    'auc:champion':", 'a.yaml:16:5: evidence.metrics.auc:champion is "auc:champion": write what fits'),
    ("run: {tag: evaluation_run, or: job}", "run: {}", "a.yaml:12:3: evidence.run names no run"),
    ("or: job", "or: parent", "a.yaml:12:30: evidence.run.or is \"parent\"; write 'job'."),
    ("{type: date_range}", "{}", "a.yaml:8:3: tags.data_window must state exactly one of pattern, one_of and type."),
    ("{type: date_range}", "{type: date_range, one_of: [x]}", "a.yaml:8:3: tags.data_window must state exactly one"),
    ("one_of: [internal, restricted]", "one_of: []", "a.yaml:9:20: tags.classification.one_of is empty: list at least"),
    ("one_of: [internal, restricted]", "one_of: [1]", "a.yaml:9:29: tags.classification.one_of.0 must be text"),
    (r"'[^@]+@contoso\.com'", "'(?=x)y'", "a.yaml:7:11: tags.owner.pattern is refused by RE2 (invalid perl operator: (?=)"),
    (r"'[^@]+@contoso\.com'", "'((a{100}){100}){100}'", "a.yaml:7:11: tags.owner.pattern is refused by RE2"),
    (r"'[^@]+@contoso\.com'", "'" + "a" * 513 + "'", "a.yaml:7:11: tags.owner.pattern is longer than 512 characters"),
    ("  owner: {pattern", "  a.b: {pattern", 'a.yaml:7:3: tags.a.b is "a.b": write what fits'),
    ("groups: [ml-approvers, risk-officers]", "groups: []", "approval.groups is empty: list at least one."),
    ("required_groups: [risk-officers]", "required_groups: [x]", "a.yaml:21:21: approval.required_groups.0 is x, which groups does not list: add it there."),
    ("quorum: 2", "quorum: 0", 'a.yaml:19:3: approval.quorum is "0"; write 1 or more.'),
    ("quorum: 2", "quorum: 101", 'a.yaml:19:3: approval.quorum is "101"; write 100 or less.'),
    ("quorum: 2", "quorum: true", "a.yaml:19:3: approval.quorum must be a whole number."),
    ("quorum: 2", "quorum: two", "a.yaml:19:3: approval.quorum must be a whole number."),
    ("exclude: [registrant, run_submitter]", "exclude: []", "a.yaml:22:3: approval.exclude does not name registrant"),
    ("exclude: [registrant, run_submitter]", "exclude: [registrant]", "does not name run_submitter"),
    ("exclude: [registrant, run_submitter]", "exclude: [me]", 'a.yaml:22:13: approval.exclude.0 is "me"; write'),
    ("registry: contoso-eu", "registry: 'contoso eu'", "targets.1.registry 'contoso eu' is no registry"),
    ("registry: contoso-eu", "registry: contoso-shared", "a.yaml:24:39: targets.1 names contoso-shared again"),
    ("{workspace}-{name}", "{workspace}", "a.yaml:24:39: targets.1 would give two models one name: write {name} once"),
    ("{workspace}-{name}", "{name}{name}", "a.yaml:24:39: targets.1 would give two models one name"),
    ("{workspace}-{name}", "{name}-{version}", "a.yaml:24:39: targets.1 would give two versions one number"),
    ('"{workspace}-{name}"', "x, version: '1'", "a.yaml:24:39: targets.1 would give two versions one number"),
    ("{workspace}-{name}", "{workspace}-{nam}", "a.yaml:24:62: targets.1.name is no template"),
    ("{workspace}-{name}", "a/{name}", "a.yaml:24:62: targets.1.name is no template"),
    ("registry: contoso-shared", "registry: contoso-shared, champion_from: nowhere", "which targets does not list"),
    ("{registry: contoso-shared}, {registry: contoso-eu,",
     "{registry: contoso-shared, champion_from: contoso-eu}, {registry: contoso-eu, champion_from: contoso-shared,",
     "targets.1.champion_from is contoso-shared, but targets.0 says contoso-eu, and a round compares with one champion: keep"),
    ("workspaces: [risk-dev]", "workspaces: []", "a.yaml:2:9: match.workspaces is empty: list at least one."),
    ("workspaces: [risk-dev]", "workspaces: ['*']", "a.yaml:2:22: match.workspaces.0 '*' is no workspace"),
    ("workspaces: [risk-dev]", "workspaces: risk-dev", "a.yaml:2:9: match.workspaces must be a list"),
    ("lineage: {job_required: true, job_status: Completed}", "lineage: yes", "a.yaml:10:1: lineage must hold keys"),
    ("job_required: true", "job_required: 1", "a.yaml:10:11: lineage.job_required must be true or false."),
    ("policy: fraud", "policy: ../fraud", 'a.yaml:1:1: policy is "../fraud": write what fits'),
    ("grace: 30m", "grace: 30m\ngrace: 31m", 'a.yaml:5:1: The key "grace" stands on line 4 already: keep one.'),
    ("grace: 30m", "grace: &g 30m", "a.yaml:4:8: The anchor &g is not read: remove it."),
]  # fmt: skip


@pytest.mark.parametrize(("old", "new", "fault"), FAULTS)
def test_a_fault_is_told_with_file_line_and_fix(tmp_path: Path, old: str, new: str, fault: str) -> None:
    assert old in FRAUD
    faults = faults_of(tmp_path, FRAUD.replace(old, new, 1))
    assert any(fault in told for told in faults), faults
    assert all(re.match(r"a\.yaml:\d+:\d+: ", told) and FIX.search(told) for told in faults), faults


def test_evidence_whose_content_is_a_comment_switches_nothing_off(tmp_path: Path) -> None:
    begins, ends = FRAUD.index("  run: {tag"), FRAUD.index("approval:")
    commented = "".join(f"# {line}\n" for line in FRAUD[begins:ends].splitlines())
    told = "a.yaml:11:1: evidence holds nothing: write it, or remove it."
    assert faults_of(tmp_path, FRAUD[:begins] + commented + FRAUD[ends:]) == (told,)


def test_every_fault_of_every_file_is_told_at_once(tmp_path: Path) -> None:
    broken = (
        FRAUD.replace("grace: 30m", "grase: 30m")
        .replace("min: 0.90", "min: .nan")
        .replace("groups: [ml-approvers, risk-officers]", "groups: []")
        .replace("{workspace}-{name}", "{workspace}")
    )
    overlapping = SMALL.replace("[lab]", "[risk-dev]").replace("churn", "fraud-detector")
    faults = faults_of(tmp_path, broken, overlapping)
    for part in (
        "a.yaml:4:1: grase is no key",
        "a.yaml:16:11: evidence.metrics.auc.min is not finite",
        "approval.groups is empty",
        "a.yaml:24:39: targets.1 would give two models one name",
        "b.yaml:2:1: match and policy fraud both match risk-dev:fraud-detector: narrow one of them.",
    ):
        assert any(part in fault for fault in faults), (part, faults)


@pytest.mark.parametrize("target", [0, 1])
@pytest.mark.parametrize("named", ["contoso-shared", "contoso-eu"])
def test_any_target_may_say_whose_champion_is_compared_with(tmp_path: Path, target: int, named: str) -> None:
    registry = ("registry: contoso-shared", "registry: contoso-eu")[target]
    (policy,) = load(tmp_path, FRAUD.replace(registry, f"{registry}, champion_from: {named}"))
    line = champion_line(policy, PromotionId("risk-dev", "fraud-x", "7"))
    assert line is not None
    assert line.registry == named


@pytest.mark.parametrize(
    ("more", "compares"),
    [
        ("", False),
        ("evidence: {run: {or: job}, metrics: {auc: {min: 0.9}}}\n", False),
        ("evidence: {run: {or: job}, same_dataset_as_champion: true}\n", True),
        ("evidence: {run: {or: job}, metrics: {auc: {min: 0.9, no_worse_than_champion_by: 0}}}\n", True),
        ("evidence: {run: {or: job}}\nrules: [{name: a, require: has(champion.metrics.auc), fix: b}]\n", True),
    ],
)
def test_a_champion_that_nothing_is_compared_with_is_named_for_nothing(
    tmp_path: Path, more: str, compares: bool
) -> None:
    content = SMALL.replace("{registry: contoso-shared}", "{registry: contoso-shared, champion_from: contoso-shared}")
    if compares:
        assert len(load(tmp_path, content + more)) == 1
        return
    (fault,) = faults_of(tmp_path, content + more)
    told = (
        "targets.0.champion_from names a champion that nothing here is compared with: add a comparison, or remove it."
    )
    assert fault == f"a.yaml:5:38: {told}"


def test_two_policies_that_match_one_version_are_refused(tmp_path: Path) -> None:
    other = FRAUD.replace("policy: fraud", "policy: eu").replace('"fraud-*"', '"*-eu"')
    (fault,) = faults_of(tmp_path, FRAUD, other)
    assert fault == "b.yaml:2:1: match and policy fraud both match risk-dev:fraud-eu: narrow one of them."


def test_two_policies_of_one_name_are_refused(tmp_path: Path) -> None:
    other = SMALL.replace("policy: small", "policy: fraud")
    assert faults_of(tmp_path, FRAUD, other) == ("b.yaml:1:1: policy is taken by a.yaml: choose another name.",)


def naming(workspaces: str, name: str) -> str:
    content = SMALL.replace("[lab]", workspaces).replace("[churn]", '["*"]')
    return content.replace("registry: contoso-shared", f'registry: contoso-shared, name: "{name}"')


@pytest.mark.parametrize(
    ("workspaces", "name"),
    [
        ("[risk-dev, lab]", "{name}"),
        ("[a, a-b]", "{workspace}-{name}"),  # a:b-x and a-b:x would both be a-b-x
        ("[b, a-b]", "{name}-{workspace}"),
    ],
)
def test_two_workspaces_must_not_meet_under_one_name(tmp_path: Path, workspaces: str, name: str) -> None:
    (fault,) = faults_of(tmp_path, naming(workspaces, name))
    assert fault.startswith("a.yaml:5:11: targets.0 is not injective")


@pytest.mark.parametrize(
    ("workspaces", "name"),
    [
        ("[risk-dev, lab]", "{workspace}-{name}"),
        ("[a, a-b]", "{workspace}.{name}"),
        ("[lab, risk]", "{name}-{workspace}"),
    ],
)
def test_workspaces_that_a_template_keeps_apart_may_share_a_registry(
    tmp_path: Path, workspaces: str, name: str
) -> None:
    assert len(load(tmp_path, naming(workspaces, name))) == 1


def test_two_policies_must_not_meet_under_one_name(tmp_path: Path) -> None:
    renamed = SMALL.replace("registry: contoso-shared", "registry: contoso-shared, name: fraud-churn")
    (fault,) = faults_of(tmp_path, FRAUD, renamed)
    assert "b.yaml:5:11: targets.0 is not injective: risk-dev (policy fraud) and lab could both name" in fault
    assert "contoso-shared:fraud-churn" in fault


def test_versions_that_templates_keep_apart_may_share_a_name(tmp_path: Path) -> None:
    one = SMALL.replace("registry: contoso-shared", 'registry: contoso-shared, version: "a.{version}"')
    other = SMALL.replace("small", "other").replace("[lab]", "[lab2]")
    other = other.replace("registry: contoso-shared", 'registry: contoso-shared, version: "b.{version}"')
    assert len(load(tmp_path, one, other)) == 2


def test_a_single_model_may_be_renamed(tmp_path: Path) -> None:
    (policy,) = load(tmp_path, SMALL.replace("registry: contoso-shared", "registry: contoso-shared, name: attrition"))
    assert policy.targets[0].name == "attrition"


def test_groups_must_hold_enough_people(tmp_path: Path) -> None:
    content = SMALL.replace("quorum: 1, groups: [ml-approvers]", "quorum: 2, groups: [ml-approvers, ghosts]")
    assert faults_of(tmp_path, content, directory=people()) == (
        "a.yaml:4:12: approval.quorum is 2, but the groups hold 1 people: lower it, or add people.",
        "a.yaml:4:23: approval.groups lists ghosts, which nobody belongs to: add people to it.",
    )
    assert len(load_policies(folder_of(tmp_path, FRAUD), people())) == 1
    assert faults_of(tmp_path, "policy: [", directory=people())


@pytest.mark.parametrize("content", ["", "# nothing\n", "[]", "just text"])
def test_a_file_that_is_no_policy_is_told_so(tmp_path: Path, content: str) -> None:
    assert faults_of(tmp_path, content)[0].startswith("a.yaml:1:1: ")


def test_a_folder_without_policies_is_told_so(tmp_path: Path) -> None:
    assert faults_of(tmp_path) == (f"{tmp_path}: It holds no *.yaml: add a policy.",)
    with pytest.raises(DocumentInvalid, match="nowhere: There is no such folder"):
        load_policies(tmp_path / "nowhere")


def test_a_folder_with_too_many_policies_is_refused(tmp_path: Path) -> None:
    for number in range(MOST_POLICIES + 1):
        (tmp_path / f"{number}.yaml").touch()
    assert "at most 500 are read" in faults_of(tmp_path)[0]


def test_cases_and_folders_inside_are_no_policies(tmp_path: Path) -> None:
    (tmp_path / "fraud.test.yaml").write_text("not: a policy")
    (tmp_path / "directory").mkdir()
    (tmp_path / "directory" / "people.yaml").write_text("not: a policy")
    assert len(load(tmp_path, FRAUD)) == 1


def test_a_policy_folder_reads_again_when_its_bytes_change(tmp_path: Path) -> None:
    source = PolicyFolder(folder_of(tmp_path, FRAUD))
    first = source.policies()
    assert source.policies() is first
    folder_of(tmp_path, FRAUD.replace("quorum: 2", "quorum: 1"))
    assert source.policies()[0].approval.quorum == 1


def test_our_own_policies_load_with_our_own_people() -> None:
    fraud, north, _, documents = load_policies(OURS, load_people(OURS / "directory" / "people.yaml"))
    assert fraud == a_policy(
        reserved_tags=("approval_date", "approved_by", "approver"),
        evidence=an_evidence_rule(run_names_version=True),
        approval=an_approval_rule(exclude=("registrant", "run_submitter", "job_submitter")),
    )
    assert fraud.tags["owner"] == TagRule(pattern=r"[^@]+@contoso\.com")
    assert north.evidence is not None
    assert north.evidence.metrics["accuracy"] == MetricRule(min=Decimal("0.95"))
    assert north.modes == {"metric:worst_class_recall": "shadow"}
    assert (documents.name, documents.approval.required_groups) == ("public-documents", ("risk-officers",))


@pytest.mark.parametrize("plant", ["north", "south"])
def test_a_version_goes_to_the_registry_of_the_plant_that_its_tag_names_and_to_no_other(plant: str) -> None:
    policies = load_policies(OURS)
    (policy,) = [policy for policy in policies if matches(policy, "risk-dev", f"defects-{plant}-classifier")]
    assert policy.tags["plant"].one_of == (plant,)
    assert [target.registry for target in policy.targets] == [f"contoso-plant-{plant}"]
    assert set(policy.release_record) == {"owner", "scope", "rollback_path", "monitoring_signal"}


def test_a_reformatted_policy_file_gives_the_same_digest(tmp_path: Path) -> None:
    sections = sorted((re.split(r"(?m)^(?=[a-z])", FRAUD)[1:]), reverse=True)
    reformatted = "# other comments\n" + "\n\n".join(sections).replace("0.90", "0.9").replace(
        "[internal, restricted]", "[restricted, 'internal']"
    )
    (first,), (again,) = load(tmp_path, FRAUD), load(tmp_path, reformatted)
    assert an_evaluation(policy=first).digest == an_evaluation(policy=again).digest
