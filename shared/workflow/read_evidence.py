"""Read what the policy of a version asks for, and nothing else: a policy that asks for less costs fewer calls."""

from collections.abc import Mapping

from shared.domain.evidence import Evidence, Job, ModelVersion, Results, Run, RunFile, Series
from shared.domain.ids import PromotionId
from shared.domain.lineage_gates import commit_of
from shared.domain.model_documents import read_document
from shared.domain.policy import Policy
from shared.domain.results_file import read_results
from shared.domain.run_digest import run_digest
from shared.domain.run_gates import run_id_for
from shared.ports import ModelCatalog


def read_evidence(catalog: ModelCatalog, policy: Policy, promotion: PromotionId, version: ModelVersion) -> Evidence:
    """All that the gates of `policy` look at.

    Raises:
        Unreadable: some of it could not be read now, so there is nothing to judge.
    """
    workspace = promotion.workspace
    run = _run(catalog, policy, workspace, version)
    ended = run if run and run.ended_at else None  # what a run that goes on holds proves nothing yet
    files = _files(catalog, policy, workspace, ended)
    job = _job(catalog, policy, workspace, version, run)
    series = _series(catalog, policy, workspace, ended)
    return Evidence(
        version=version,
        run=run,
        lineage_status=job.status if job and policy.asks_job_status else None,
        job_submitter=job.submitter if job else None,
        series=series,
        results=_results(policy, files),
        documents={
            asked.kind: read_document(files[asked.path], asked.kind)
            for asked in policy.documents
            if asked.path in files
        },
        code=_code(catalog, policy, workspace, version, run),
        run_sha256=run_digest(run, series) if run else None,
    )


def _run(catalog: ModelCatalog, policy: Policy, workspace: str, version: ModelVersion) -> Run | None:
    named = run_id_for(policy.evidence, version) if policy.evidence else None
    return catalog.read_run(workspace, named) if named else None


def _job(catalog: ModelCatalog, policy: Policy, workspace: str, version: ModelVersion, run: Run | None) -> Job | None:
    if not policy.asks_job or version.job is None:
        return None
    if run is not None and run.id == version.job:  # a job is its own MLflow run
        return Job(run.status, run.submitter)  # learn.microsoft.com, how-to-track-experiments-mlflow
    return catalog.job(workspace, version.job)


def _series(catalog: ModelCatalog, policy: Policy, workspace: str, run: Run | None) -> dict[str, Series]:
    """What the run logged of each metric that is not taken from its last value; one call or more for each."""
    metrics = policy.metrics if run else {}
    held = [name for name, metric in metrics.items() if metric.use != "last" and run and name in run.metrics]
    return {name: catalog.read_series(workspace, run.id, name) for name in held if run}


def _files(catalog: ModelCatalog, policy: Policy, workspace: str, run: Run | None) -> Mapping[str, RunFile]:
    """The files of the run that gates look at, all in one reading."""
    named = [policy.results.path] if policy.results else []
    paths = [*named, *(asked.path for asked in policy.documents)]
    return catalog.read_files(workspace, run.id, paths) if run and paths else {}


def _results(policy: Policy, files: Mapping[str, RunFile]) -> Results | None:
    rule = policy.results
    return read_results(files[rule.path], rule.format) if rule and rule.path in files else None


def _code(catalog: ModelCatalog, policy: Policy, workspace: str, version: ModelVersion, run: Run | None) -> str | None:
    """The commit of the job that the version came from, or of its run where there is no job."""
    if not policy.asks_code_version:
        return None
    commit = commit_of(run.tags) if run else None
    if version.job is None or (commit and run and run.id == version.job):
        return commit
    return catalog.code_version(workspace, version.job)
