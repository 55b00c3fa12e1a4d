"""The shape of a file of cases: the evidence of a version that passes, and what each case changes in it and expects."""

from datetime import date, timedelta
from decimal import Decimal
from functools import partial
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BeforeValidator, Field, WithJsonSchema

from shared.adapters.policy_values import Day, Duration, Section, Text, Workspace
from shared.domain.decimals import spelled
from shared.domain.errors import InvalidId
from shared.domain.ids import checked, pattern_of
from shared.domain.policy import Mode

Verdict = Literal["passed", "failed", "unproven"]


def _metric(value: Any) -> Any:
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    if isinstance(value, Decimal):
        return spelled(value) if value.is_finite() else str(value)
    return value


def _id(part: str, value: str) -> str:
    try:
        return checked(part, value)
    except InvalidId as fault:
        raise ValueError(str(fault).removesuffix(".")) from fault


Metric = Annotated[str, BeforeValidator(_metric), WithJsonSchema({"type": ["number", "string"], "examples": [0.9]})]
Name = Annotated[str, AfterValidator(partial(_id, "name")), WithJsonSchema({"type": "string", "pattern": f"^{pattern_of('name')}$"})]  # fmt: skip
Version = Annotated[str, AfterValidator(partial(_id, "version")), WithJsonSchema({"type": "string", "pattern": f"^{pattern_of('version')}$"})]  # fmt: skip


class RunCase(Section):
    """The run that proves the version. It is read only where the policy would read a run of this id."""

    id: Text = Field(description="The id of the run, as the tag that the policy names states it, or the job's.")
    status: Text = Field(default="FINISHED", description="Its status, in the words of MLflow or of Azure ML.")
    age: Duration | None = Field(default=None, description="How long ago it ended; left out while it goes on.")
    submitter: str | None = Field(default=None, description="Who submitted it, as Azure ML spells it.")
    dataset: str | None = Field(default=None, description="The data set that it was evaluated on.")
    datasets: list[str] = Field(default=[], description="Data sets that it logs, none of which it names as the one.")
    model: str | None = Field(default=None, description="The version that it says it evaluated, as name:version.")
    tags: dict[str, str] = Field(default={}, description="Its other tags.")
    metrics: dict[str, Metric] = Field(default={}, description="The last value that it logged of each metric.")
    series: dict[str, list[Metric]] = Field(
        default={}, description="All values that it logged of metrics whose best value or mean the policy takes."
    )


class ResultsCase(Section):
    """A file of results among the artifacts of the run."""

    age: Duration | None = Field(default=None, description="How long ago it was made.")
    dataset: str | None = Field(default=None, description="The data set that it states.")
    metrics: dict[str, Metric] = Field(default={}, description="The metrics in it.")
    fault: str = Field(default="", description="Why it cannot be used, as a sentence.")


class ReportCase(Section):
    """A document of a scanner or a signature about the version's files."""

    age: Duration | None = Field(default=None, description="How long ago it was made.")
    version: str | None = Field(default=None, description="The version of the tool that made it.")
    files: dict[str, str] = Field(default={}, description="The files that it is bound to, each with its MD5.")
    named: list[str] = Field(default=[], description="The files that it says were looked at, or signed.")
    findings: dict[Literal["low", "medium", "high", "critical"], Annotated[int, Field(ge=1)]] = Field(
        default={}, description="How many findings of each severity; one without any is left out."
    )
    incomplete: str = Field(default="", description="What was not done, as a sentence.")
    fault: str = Field(default="", description="Why it cannot be used, as a sentence.")


class ChampionCase(Section):
    """The champion compared with, by what its own evaluation recorded."""

    metrics: dict[str, Metric] = Field(default={}, description="Its metrics.")
    dataset: str | None = Field(default=None, description="The data set of its evaluation.")
    taken: dict[str, Literal["best", "mean", "results"]] = Field(
        default={}, description="Which of its metrics are not the last value logged."
    )


class EvidenceCase(Section):
    """What was read about a version. It is judged at noon of `day`, in UTC."""

    day: Day = Field(default=date(2026, 1, 1), description="The day on which it is judged, at noon in UTC.")
    registered: Duration = Field(default=timedelta(hours=1), description="How long ago the version was registered.")
    workspace: Workspace = Field(description="The alias of its workspace.")
    name: Name = Field(description="The model's name.")
    version: Version = Field(description="The version, as text.")
    registrant: str | None = Field(default=None, description="Who registered it, as Azure ML spells it.")
    type: str = Field(default="mlflow_model", description="Its asset type.")
    flavors: list[str] = Field(default=[], description="Its flavors, such as sklearn.")
    tags: dict[str, str] = Field(default={}, description="Its tags.")
    properties: dict[str, str] = Field(default={}, description="Its properties.")
    job: str | None = Field(default=None, description="The job that it came from.")
    job_status: str | None = Field(default=None, description="The status of that job.")
    job_submitter: str | None = Field(
        default=None, description="Who submitted that job; left out, the run's submitter where job and run are one."
    )
    code: str | None = Field(
        default=None, description="The git commit that it was made from; ends in -dirty if changed."
    )
    run: RunCase | None = Field(default=None, description="The run that proves it.")
    results: ResultsCase | None = Field(default=None, description="The run's file of results.")
    files: dict[str, str] | None = Field(default=None, description="The files of the version, each with its MD5.")
    documents: dict[Literal["modelscan", "picklescan", "model_signing"], ReportCase] = Field(
        default={}, description="Reports of scanners and a signature, by kind."
    )
    champion: ChampionCase | None = Field(default=None, description="The champion that it is compared with.")


class Expectation(Section):
    """What must come of it; every gate that is not named must pass, and what else is left out may be anything."""

    outcome: Literal["passed", "failed", "unproven", "no_policy", "not_opted_in", "policy_off"] = Field(
        description="The outcome; or why no evaluation is made."
    )
    gates: dict[str, Verdict] = Field(default={}, description="Every gate that does not pass.")
    waits: bool | None = Field(default=None, description="Whether late evidence is still waited for.")
    quorum: int | None = Field(default=None, description="How many people must approve.")
    rejections: int | None = Field(default=None, description="How many rejections end the round.")
    groups: list[str] | None = Field(default=None, description="Whose members may answer.")
    required_groups: list[str] | None = Field(default=None, description="Which groups must be among those who approve.")
    excluded: list[str] | None = Field(default=None, description="The ids of all people who never count.")
    expires_after: Duration | None = Field(default=None, description="How long people have to answer.")
    missing_record: list[str] | None = Field(
        default=None, description="The fields of the release record to be stated with a decision."
    )
    targets: list[str] | None = Field(default=None, description="Where it goes, each as registry:name:version.")
    modes: dict[str, Mode] = Field(default={}, description="The mode of a gate.")
    exceptions: list[str] | None = Field(default=None, description="The gates that an exception lets through.")


class CaseDocument(Section):
    """One case."""

    case: Text = Field(description="What it is about, in words.")
    but: dict[str, Any] = Field(
        default={}, description="What differs from the evidence above, key by key; null takes a key away."
    )
    expect: Expectation = Field(description="What must come of it.")


class CasesDocument(Section):
    """The cases of one policy."""

    policy: Text = Field(description="The name of the policy.")
    evidence: EvidenceCase = Field(description="What was read about a version that passes.")
    cases: list[CaseDocument] = Field(min_length=1, description="What differs, and what must come of it.")
