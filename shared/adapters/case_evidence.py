"""What a case says was read, as the evidence that gates judge."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta

from shared.adapters.case_document import EvidenceCase, ReportCase, ResultsCase, RunCase
from shared.domain.evaluate import evaluate
from shared.domain.evaluation import Evaluation
from shared.domain.evidence import Artifact, Champion, Document, Evidence, ModelVersion, Results, Run, Series, Source
from shared.domain.gate_input import GateInput
from shared.domain.ids import Incarnation, PromotionId, Target
from shared.domain.people import People
from shared.domain.policy import Policy
from shared.domain.run_gates import ABOUT_TAG, DATASET_TAG, run_id_for
from shared.domain.targets import champion_line

_NO_DIGEST = "0" * 64


@dataclass(frozen=True, slots=True)
class Situation:
    """A case as one policy finds it: it reads the run that it would read, and compares with the line that it names."""

    promotion: PromotionId
    evidence: Evidence
    champion: Champion | None
    now: datetime

    def evaluated(self, policy: Policy, people: People) -> Evaluation:
        """The evaluation by that policy."""
        return evaluate(
            policy,
            policy_build=0,
            promotion=self.promotion,
            evidence=self.evidence,
            champion=self.champion,
            people=people,
            given_up=frozenset(),
            address=None,
            now=self.now,
        )

    def given(self, policy: Policy, people: People) -> GateInput:
        """What its gates look at."""
        return GateInput(policy, self.promotion, self.evidence, self.champion, people, None, self.now)


def situation(case: EvidenceCase, policy: Policy) -> Situation:
    """What the case gives a policy to judge."""
    now = datetime.combine(case.day, time(12), UTC)
    promotion = PromotionId(case.workspace, case.name, case.version)
    version = _version(case, now)
    named = run_id_for(policy.evidence, version) if policy.evidence else None
    run = case.run if case.run and case.run.id == named else None
    evidence = _evidence(case, policy, version, run, now)
    return Situation(promotion, evidence, _champion(case, policy, promotion), now)


def _version(case: EvidenceCase, now: datetime) -> ModelVersion:
    asset = f"{case.workspace}/models/{case.name}/versions/{case.version}"
    return ModelVersion(
        incarnation=Incarnation(asset, now - case.registered),
        registrant=case.registrant,
        tags=case.tags,
        properties=case.properties,
        job=case.job,
        asset_type=case.type,
        flavors=tuple(case.flavors),
        artifacts=None if case.files is None else tuple(Artifact(path, 1, md5) for path, md5 in case.files.items()),
    )


def _evidence(
    case: EvidenceCase, policy: Policy, version: ModelVersion, run: RunCase | None, now: datetime
) -> Evidence:
    trained_by = run.submitter if run and run.id == case.job else None  # a job is its own run
    ended = run if run and run.age is not None else None  # what a run that goes on holds is not read
    documents: Mapping[str, Document] = {kind: _report(kind, report, now) for kind, report in case.documents.items()}
    return Evidence(
        version=version,
        run=_run(run, now) if run else None,
        lineage_status=case.job_status if policy.asks_job_status else None,
        series={name: Series(tuple(values)) for name, values in ended.series.items()} if ended else {},
        results=_results(case.results, now) if case.results and ended else None,
        code=case.code,
        documents=documents if ended else {},
        job_submitter=case.job_submitter or trained_by,
    )


def _run(case: RunCase, now: datetime) -> Run:
    return Run(
        id=case.id,
        status=case.status,
        metrics=case.metrics,
        submitter=case.submitter,
        ended_at=_ago(case.age, now),
        dataset=case.dataset or case.tags.get(DATASET_TAG),
        model=case.model or case.tags.get(ABOUT_TAG),
        tags=case.tags,
        datasets=tuple(case.datasets),
    )


def _results(case: ResultsCase, now: datetime) -> Results:
    source = Source("results", "results", None, _ago(case.age, now), "results.json", _NO_DIGEST)
    return Results(source, case.metrics, case.dataset, case.fault)


def _report(kind: str, case: ReportCase, now: datetime) -> Document:
    source = Source(kind, kind, None, _ago(case.age, now), f"{kind}.json", _NO_DIGEST)
    findings = dict[str, int](case.findings.items())
    return Document(source, case.version, case.files, tuple(case.named), findings, case.incomplete, case.fault)


def _champion(case: EvidenceCase, policy: Policy, promotion: PromotionId) -> Champion | None:
    line, held = champion_line(policy, promotion), case.champion
    if held is None or line is None:
        return None
    target = Target(line.registry, line.name, "champion")
    other = f"{case.workspace}:{case.name}:champion"
    return Champion(other, target, 1, _NO_DIGEST, held.metrics, held.dataset, held.taken)


def _ago(age: timedelta | None, now: datetime) -> datetime | None:
    return None if age is None else now - age
