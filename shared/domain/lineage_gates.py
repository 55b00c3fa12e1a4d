"""Gates on where a version came from."""

from shared.domain.evaluation import GateResult
from shared.domain.gate_input import Gate, GateInput
from shared.domain.mending import register_from_job
from shared.domain.visible import quoted

# JobStatus of the Azure ML control plane: a job in one of these will not change its status any more.
_ENDED = frozenset({"completed", "failed", "canceled"})


def job(given: GateInput) -> GateResult:
    """The version names the job it came from."""
    gate = Gate(given, "lineage:job", "registered from a job", f"the registration of {given.promotion}")
    version = given.evidence.version
    if version.job:
        return gate.passed(f"job {version.job}", "The version names the job it came from.")
    command = register_from_job(given.promotion, given.address, version.asset_type)
    return gate.absent("no job", "The version names no job: register it from the output of the job.", command)


def job_status(given: GateInput, wanted: str) -> GateResult:
    """The job ended with the status the policy asks for; a job still running proves nothing yet."""
    came_from = f"the job {given.evidence.version.job or 'that the version should name'}"
    gate = Gate(given, "lineage:job_status", f"job status {wanted}", came_from)
    status = given.evidence.lineage_status
    if status is None:
        return gate.absent("no status", "There is no job whose status could be read.", _mend(given))
    actual = f"job status {quoted(status)}"
    if status.casefold() == wanted.casefold():
        return gate.passed(actual, f"The job's status is {quoted(status)}.")
    if status.casefold() not in _ENDED:
        return gate.absent(actual, f"The job has not ended: its status is {quoted(status)}.")
    return gate.failed(actual, f"The job ended as {quoted(status)}, not as {wanted}.", _mend(given))


def _mend(given: GateInput) -> str:
    return register_from_job(given.promotion, given.address, given.evidence.version.asset_type)
