"""Gates on the run that proves a version: there, ended, about this version, young enough, on the same data set."""

from datetime import datetime, timedelta

from shared.domain.evaluation import GateResult
from shared.domain.evidence import ModelVersion, Run
from shared.domain.gate_input import Gate, GateInput
from shared.domain.mending import register_from_job
from shared.domain.policy import EvidenceRule
from shared.domain.targets import first_release
from shared.domain.visible import quoted

# MLflow's RunStatus and Azure ML's JobStatus spell success differently.
_ENDED_WELL = frozenset({"finished", "completed"})
_CLOCK_SKEW = timedelta(minutes=5)


def run_id_for(rule: EvidenceRule, version: ModelVersion) -> str | None:
    """Return the id of the run to read as proof: the one its tag names, else its job where the policy allows that."""
    named = version.tags.get(rule.run_tag) if rule.run_tag else None
    return named or (version.job if rule.run_or_job else None)


def run(given: GateInput, rule: EvidenceRule) -> GateResult:
    """There is a run, it ended well, and where it says what it evaluated, that is this version."""
    expected = f"an ended run about this version, named by {_named_by(rule)}"
    gate = Gate(given, "evidence:run", expected, run_source(given, rule))
    found = given.evidence.run
    if found is None:
        return gate.absent("no run", f"There is no run that proves this version: {_how(rule)}.", name_run(given, rule))
    about, actual = _about(found), f"run {found.id}, status {found.status}"
    if found.ended_at is None:
        return gate.absent(actual, f"The run {quoted(found.id)} has not ended.")
    if found.status.casefold() not in _ENDED_WELL:
        sentence = f"The run {quoted(found.id)} ended as {quoted(found.status)}."
        return gate.failed(actual, sentence, name_run(given, rule))
    if not is_about(given, found):
        sentence = (
            f"The run {quoted(found.id)} evaluated {about}, not {given.promotion.name}:{given.promotion.version}."
        )
        return gate.unproven(f"a run about {about}", sentence, name_run(given, rule))
    return gate.passed(actual, f"The run {quoted(found.id)} ended.")


def proves(given: GateInput) -> bool:
    """Whether the values of the run say anything about this version."""
    found = given.evidence.run
    return (
        found is not None
        and found.ended_at is not None
        and found.status.casefold() in _ENDED_WELL
        and is_about(given, found)
    )


def is_about(given: GateInput, found: Run) -> bool:
    """Whether the run is about this version, or does not say what it is about."""
    return found.model is None or found.model == f"{given.promotion.name}:{given.promotion.version}"


def may_still_come(given: GateInput) -> bool:
    """Whether values that are missing now may come later: there is no run yet, or it goes on, or it says nothing."""
    found = given.evidence.run
    return found is None or found.ended_at is None or proves(given)


def name_run(given: GateInput, rule: EvidenceRule) -> str:
    """The command that names another run: by its tag, else by registering a version from another job."""
    if rule.run_tag:
        return given.tag_command(rule.run_tag, "<run id>")
    return register_from_job(given.promotion, given.address, given.evidence.version.asset_type)


def run_source(given: GateInput, rule: EvidenceRule) -> str:
    """Where the values of a run come from."""
    found = given.evidence.run
    return f"the run {found.id}" if found else f"a run named by {_named_by(rule)}"


def against_champion(given: GateInput, rule: EvidenceRule) -> str:
    """Where the two values of a comparison come from."""
    champion = given.champion
    recorded = f", and round {champion.round} of the champion {champion.promotion}" if champion else ""
    return run_source(given, rule) + recorded


def max_age(given: GateInput, rule: EvidenceRule, longest: timedelta) -> GateResult:
    """The run ended no longer ago than the policy allows."""
    expected = f"a run that ended at most {spelled_duration(longest)} ago"
    gate = Gate(given, "evidence:max_age", expected, run_source(given, rule))
    ended = given.evidence.run.ended_at if given.evidence.run else None
    if ended is None:
        return gate.absent("no ended run", "There is no ended run whose age could be told.", name_run(given, rule))
    actual = f"ended {ended.isoformat(timespec='seconds')}"
    fault = age_fault(given.now, ended, longest)
    if fault:
        return gate.unproven(actual, f"The run ended {fault}", name_run(given, rule))
    return gate.passed(actual, f"The run ended {ago(given.now, ended)} ago.")


def age_fault(now: datetime, then: datetime, longest: timedelta) -> str:
    """What is wrong with the age of evidence, as the end of a sentence; empty where it is young enough."""
    if then - now > _CLOCK_SKEW:
        return "in the future."
    old = now - then > longest
    return f"{ago(now, then)} ago; evidence may be {spelled_duration(longest)} old." if old else ""


def same_dataset(given: GateInput, rule: EvidenceRule) -> GateResult:
    """Candidate and champion were evaluated on the same data set."""
    champion, stated = given.champion, given.evidence.datasets
    gate = Gate(given, "evidence:same_dataset", _expected_dataset(given), against_champion(given, rule))
    if len(stated) > 1:
        both = " and ".join(map(quoted, stated))
        return gate.unproven(both, f"The run and its file of results state different data sets, {both}.")
    found = stated[0] if stated else None
    if champion is None:
        return gate.passed("no champion yet", first_release(given.policy, given.promotion))
    if champion.dataset is None:
        sentence = f"The champion {champion.promotion} states no data set: nothing can be compared with it."
        return gate.unproven("the champion states none", sentence)
    if found is None:
        return gate.absent("no data set stated", "The run states no data set.", name_run(given, rule))
    actual = f"data set {quoted(found)}"
    if found != champion.dataset:
        sentence = f"The run used {actual}, the champion {quoted(champion.dataset)}: their metrics do not compare."
        return gate.failed(actual, sentence, name_run(given, rule))
    return gate.passed(actual, "The run used the champion's data set.")


def spelled_duration(span: timedelta) -> str:
    """Spell a duration in the largest unit that holds it whole: `30 d`, `12 h`, `90 min`, `45 s`."""
    seconds = int(span.total_seconds())
    for unit, name in ((86400, "d"), (3600, "h"), (60, "min")):
        if seconds % unit == 0:
            return f"{seconds // unit} {name}"
    return f"{seconds} s"


def ago(now: datetime, then: datetime) -> str:
    """Spell an age: `3 d`, or `47 h`, for up to two days hours say more than days."""
    hours = max(0, int((now - then).total_seconds() // 3600))
    return f"{hours // 24} d" if hours >= 48 else f"{hours} h"


def _expected_dataset(given: GateInput) -> str:
    stated = given.champion.dataset if given.champion else None
    return f"the champion's data set {quoted(stated)}" if stated else "the champion's data set"


def _about(found: Run) -> str:
    return quoted(found.model or "")


def _named_by(rule: EvidenceRule) -> str:
    ways = ([f"the tag {rule.run_tag}"] if rule.run_tag else []) + (["the job"] if rule.run_or_job else [])
    return " or ".join(ways)


def _how(rule: EvidenceRule) -> str:
    return f"name one by {_named_by(rule)}"
