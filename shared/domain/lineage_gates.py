"""Gates on where a version came from."""

import re
from collections.abc import Mapping

from shared.domain.evaluation import GateResult
from shared.domain.gate_input import Gate, GateInput
from shared.domain.visible import quoted

DIRTY = "-dirty"
"""Ends a commit that is not all of what ran, as `git describe --dirty` writes it."""

_COMMIT = re.compile(r"[0-9a-f]{40}|[0-9a-f]{64}")
# JobStatus of the Azure ML control plane: a job in one of these will not change its status any more.
_ENDED = frozenset({"completed", "failed", "canceled"})


def job(given: GateInput) -> GateResult:
    """The version names the job it came from."""
    gate = Gate(given, "lineage:job", "registered from a job", f"the registration of {given.promotion}")
    version = given.evidence.version
    if version.job:
        return gate.passed(f"job {version.job}", "The version names the job it came from.")
    sentence = "The version names no job: register it from the output of the job."
    return gate.absent("no job", sentence, given.another_version)


def job_status(given: GateInput, wanted: str) -> GateResult:
    """The job ended with the status the policy asks for; a job still running proves nothing yet."""
    came_from = f"the job {given.evidence.version.job or 'that the version should name'}"
    gate = Gate(given, "lineage:job_status", f"job status {wanted}", came_from)
    status = given.evidence.lineage_status
    if status is None:
        return gate.absent("no status", "There is no job whose status could be read.", given.another_version)
    actual = f"job status {quoted(status)}"
    if status.casefold() == wanted.casefold():
        return gate.passed(actual, f"The job's status is {quoted(status)}.")
    if not has_ended(status):
        return gate.absent(actual, f"The job has not ended: its status is {quoted(status)}.")
    return gate.failed(actual, f"The job ended as {quoted(status)}, not as {wanted}.", given.another_version)


def code_version(given: GateInput) -> GateResult:
    """The commit that the version was made from is known, and says all that ran."""
    job = given.evidence.version.job
    source = f"the job {job}" if job else "the run"
    gate = Gate(given, "evidence:code_version", "the git commit that the version was made from", source)
    commit = given.evidence.code
    if commit is None:
        sentence = "Neither the job nor the run names a git commit: submit it from a clone of the repository."
        return gate.absent("no commit", sentence, given.another_version)
    if commit.endswith(DIRTY):
        sentence = f"What ran was not the commit {quoted(commit.removesuffix(DIRTY))}: files were changed since."
        return gate.unproven(quoted(commit), sentence, given.another_version)
    if not _COMMIT.fullmatch(commit):
        return gate.unproven(quoted(commit), f"{quoted(commit)} is no git commit.", given.another_version)
    return gate.passed(commit, f"It was made from the commit {commit}.")


def commit_of(stated: Mapping[str, str]) -> str | None:
    """The commit that tags of a run, or properties of a job, name; ending in `-dirty` where files were changed since.

    Azure ML writes both keys on jobs submitted from a clone, MLflow the second on runs that are started in one
    (learn.microsoft.com/azure/machine-learning/concept-train-model-git-integration).
    """
    commit = stated.get("azureml.git.commit") or stated.get("mlflow.source.git.commit")
    dirty = stated.get("azureml.git.dirty", "").casefold() == "true"
    return f"{commit}{DIRTY}" if commit and dirty else commit or None


def has_ended(status: str | None) -> bool:
    """Whether a job with this status will not change it any more; None where there is no status to read."""
    return status is not None and status.casefold() in _ENDED
