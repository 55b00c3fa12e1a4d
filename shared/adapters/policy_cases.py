"""Cases of a policy: evidence in, expected outcome and gates, run by `clearance policy test`.

`<policy>.test.yaml` holds the evidence of a version that passes, and cases that each say what differs (`but`, merged
into it; null takes a key away) and what must come of it (`expect`; a gate not named there must have passed).
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError

from shared.adapters.document_faults import model_faults, sentence_at, where, yaml_faults
from shared.adapters.people_file import load_people
from shared.adapters.policy_files import CASES_SUFFIX, load_policies
from shared.adapters.policy_values import Day, Duration, Text
from shared.adapters.strict_yaml import YamlDocument, bytes_of, read_yaml
from shared.domain.decimals import spelled
from shared.domain.errors import DocumentInvalid, InvalidId
from shared.domain.evaluate import evaluate
from shared.domain.evaluation import Evaluation, Outcome
from shared.domain.evidence import Artifact, Champion, Document, Evidence, ModelVersion, Results, Run, Series, Source
from shared.domain.ids import Incarnation, PromotionId, Target
from shared.domain.people import People
from shared.domain.policy import Policy
from shared.domain.policy_match import PolicyMatch, match_policy

LARGEST_CASES = 262_144
"""Bytes of one file of cases."""

_Verdict = Literal["passed", "failed", "unproven"]


def _metric(value: Any) -> Any:
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    if isinstance(value, Decimal):
        return spelled(value) if value.is_finite() else str(value)
    return value


Metric = Annotated[str, BeforeValidator(_metric)]


class _Section(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)


class RunCase(_Section):
    """The run that proves the version; `age` is how long ago it ended, absent while it goes on.

    `series` holds all values of the metrics that the policy takes the best value or the mean of.
    """

    id: Text
    status: Text = "FINISHED"
    age: Duration | None = None
    submitter: str | None = None
    dataset: str | None = None
    model: str | None = None
    metrics: dict[str, Metric] = {}
    series: dict[str, list[Metric]] = {}


class ResultsCase(_Section):
    """The run's file of results; `age` is how long ago it was made, `fault` why it cannot be used."""

    age: Duration | None = None
    dataset: str | None = None
    metrics: dict[str, Metric] = {}
    fault: str = ""


class ReportCase(_Section):
    """A document about the version's files; `files` are those it is bound to, each with its MD5."""

    age: Duration | None = None
    version: str | None = None
    files: dict[str, str] = {}
    named: list[str] = []
    findings: dict[str, int] = {}
    incomplete: str = ""
    fault: str = ""


class ChampionCase(_Section):
    """The champion compared with; `taken` says of which metrics its recorded value is not the last one."""

    metrics: dict[str, Metric] = {}
    dataset: str | None = None
    taken: dict[str, Literal["best", "mean", "results"]] = {}


class EvidenceCase(_Section):
    """What was read about a version. It is judged at noon of `day` in UTC: exceptions hold until a day."""

    day: Day = date(2026, 1, 1)
    workspace: Text
    name: Text
    version: Text
    registrant: str | None = None
    tags: dict[str, str] = {}
    job: str | None = None
    job_status: str | None = None
    code: str | None = None
    run: RunCase | None = None
    results: ResultsCase | None = None
    files: dict[str, str] | None = None
    documents: dict[Literal["modelscan", "picklescan", "model_signing"], ReportCase] = {}
    champion: ChampionCase | None = None


class Expectation(_Section):
    """What must come of it: the outcome, and every gate that does not pass."""

    outcome: _Verdict | Literal["no_policy", "not_opted_in", "policy_off"]
    gates: dict[str, _Verdict] = {}


class CaseDocument(_Section):
    """One case."""

    case: Text
    but: dict[str, Any] = {}
    expect: Expectation


class CasesDocument(_Section):
    """The cases of one policy."""

    policy: Text
    evidence: dict[str, Any]
    cases: Annotated[list[CaseDocument], Field(min_length=1)]


@dataclass(frozen=True, slots=True)
class CaseFile:
    """A file of cases, read."""

    path: Path
    document: YamlDocument
    cases: CasesDocument


@dataclass(frozen=True, slots=True)
class CaseResult:
    """One case run: `faults` say what came out otherwise, empty when the case held; `gates` is what each gate said."""

    policy: str
    case: str
    place: str
    faults: tuple[str, ...]
    gates: Mapping[str, Outcome]

    @property
    def ok(self) -> bool:
        """Whether everything came out as expected."""
        return not self.faults


def run_cases(folder: Path) -> list[CaseResult]:
    """Run the cases of every policy in `folder` against the policies and `directory/people.yaml` there.

    Raises:
        DocumentInvalid: with every fault of the policies, else of the directory, else of the files of cases.
    """
    people = load_people(folder / "directory" / "people.yaml")
    policies = load_policies(folder, people)
    return [result for file in read_cases(folder) for result in _run_file(file, policies, people)]


def read_cases(folder: Path) -> list[CaseFile]:
    """Read every file of cases in a folder, in the order of names.

    Raises:
        DocumentInvalid: with every fault of every file.
    """
    files = [(path, *_read(path)) for path in sorted(folder.glob(f"*{CASES_SUFFIX}"))]
    faults = [fault for _, _, _, found in files for fault in found]
    if faults:
        raise DocumentInvalid(f"The cases in {folder.name}", faults)
    return [CaseFile(path, document, cases) for path, document, cases, _ in files if cases is not None]


def _read(path: Path) -> tuple[YamlDocument, CasesDocument | None, list[str]]:
    document = read_yaml(bytes_of(path, LARGEST_CASES), LARGEST_CASES)
    faults = yaml_faults(path, document)
    if document.value is None:
        return (
            document,
            None,
            faults or [sentence_at(path, document, (), "The file is empty: write cases, or remove it")],
        )
    try:
        return document, CasesDocument.model_validate(document.value), faults
    except ValidationError as error:
        return document, None, faults + model_faults(path, document, error, CasesDocument)


def _run_file(file: CaseFile, policies: tuple[Policy, ...], people: People) -> Iterator[CaseResult]:
    path, document, cases = file.path, file.document, file.cases
    for index, case in enumerate(cases.cases):
        place = where(path, document, ("cases", index))
        gates: dict[str, Outcome] = {}
        try:
            evidence = EvidenceCase.model_validate(_merged(cases.evidence, case.but))
            judged = _judged(cases.policy, evidence, policies, people)
            gates = {} if isinstance(judged, PolicyMatch) else {gate.gate: gate.outcome for gate in judged.gates}
            faults = tuple(_unlike(cases.policy, judged, case.expect))
        except ValidationError as error:
            faults = tuple(model_faults(path, document, error, EvidenceCase))
        except InvalidId as error:
            faults = (sentence_at(path, document, ("cases", index), f"cannot be run: {error}"),)
        yield CaseResult(cases.policy, case.case, place, faults, gates)


def _merged(base: Any, change: Any) -> Any:
    if not isinstance(base, Mapping) or not isinstance(change, Mapping):
        return change
    merged = {key: _merged(base.get(key), value) for key, value in change.items()}
    return {key: value for key, value in {**base, **merged}.items() if value is not None}


def _judged(name: str, case: EvidenceCase, policies: tuple[Policy, ...], people: People) -> Evaluation | PolicyMatch:
    """The evaluation; or, where the policy of that name does not govern the case, what does."""
    promotion = PromotionId(case.workspace, case.name, case.version)
    found = match_policy(policies, case.workspace, case.name, case.tags)
    if found.policy is None or found.reason or found.policy.name != name:
        return found
    now = datetime.combine(case.day, time(12), UTC)
    return evaluate(
        found.policy,
        policy_build=0,
        promotion=promotion,
        evidence=_evidence(case, now),
        champion=_champion(case, found.policy),
        people=people,
        given_up=frozenset(),
        address=None,
        now=now,
    )


def _unlike(name: str, judged: Evaluation | PolicyMatch, expected: Expectation) -> Iterator[str]:
    if isinstance(judged, Evaluation):
        yield from _unlike_evaluation(judged, expected)
    elif judged.policy is not None and not judged.reason:
        yield f"expected policy {name}, but {judged.policy.name} governs this version."
    elif expected.outcome != judged.standing:
        yield f"expected {expected.outcome}, but {judged.reason}"


def _unlike_evaluation(evaluation: Evaluation, expected: Expectation) -> Iterator[str]:
    if evaluation.outcome != expected.outcome:
        yield f"expected {expected.outcome}, came out {evaluation.outcome}."
    judged = {gate.gate: gate for gate in evaluation.gates}
    for name in sorted(expected.gates.keys() - judged.keys()):
        yield f"expects gate {name}, which the policy does not have; it has {', '.join(judged)}."
    for gate in evaluation.gates:
        wanted = expected.gates.get(gate.gate, Outcome.PASSED)
        if gate.outcome != wanted:
            yield f"gate {gate.gate}: expected {wanted}, came out {gate.outcome}: {gate.explanation}"


def _evidence(case: EvidenceCase, now: datetime) -> Evidence:
    created = now - timedelta(hours=1)
    version = ModelVersion(
        incarnation=Incarnation(f"{case.workspace}/models/{case.name}/versions/{case.version}", created),
        registrant=case.registrant,
        tags=case.tags,
        properties={},
        job=case.job,
        asset_type="mlflow_model",
        flavors=(),
        artifacts=None if case.files is None else tuple(Artifact(path, 1, md5) for path, md5 in case.files.items()),
    )
    series = {name: Series(tuple(values)) for name, values in case.run.series.items()} if case.run else {}
    documents: dict[str, Document] = {kind: _report(kind, report, now) for kind, report in case.documents.items()}
    run, results = _run(case.run, now), _results(case.results, now)
    return Evidence(version, run, case.job_status, series, results, case.code, documents)


def _run(case: RunCase | None, now: datetime) -> Run | None:
    if case is None:
        return None
    ended = None if case.age is None else now - case.age
    return Run(case.id, case.status, case.metrics, case.submitter, ended, case.dataset, case.model)


def _results(case: ResultsCase | None, now: datetime) -> Results | None:
    if case is None:
        return None
    made = None if case.age is None else now - case.age
    source = Source("results", "results", None, made, "results.json", "0" * 64)
    return Results(source, case.metrics, case.dataset, case.fault)


def _report(kind: str, case: ReportCase, now: datetime) -> Document:
    made = None if case.age is None else now - case.age
    source = Source(kind, kind, None, made, f"{kind}.json", "0" * 64)
    return Document(source, case.version, case.files, tuple(case.named), case.findings, case.incomplete, case.fault)


def _champion(case: EvidenceCase, policy: Policy) -> Champion | None:
    if case.champion is None:
        return None
    target = Target(policy.targets[0].registry, case.name, "champion")
    promotion = f"{case.workspace}:{case.name}:champion"
    held = case.champion
    return Champion(promotion, target, 1, "0" * 64, held.metrics, held.dataset, held.taken)
