"""Gates on the run that proves a version: there, ended, about this version, young enough, on the same data set."""

from datetime import datetime, timedelta

from shared.domain.evaluation import GateResult
from shared.domain.evidence import ModelVersion, Run
from shared.domain.gate_input import Gate, GateInput
from shared.domain.mending import log_file, set_run_tag
from shared.domain.policy import EvidenceRule
from shared.domain.run_proof import ended_well, is_about, named_by
from shared.domain.targets import first_release
from shared.domain.visible import quoted, visible

ABOUT_TAG = "evaluated_model"
"""The tag in which a run names the version that it evaluated, as `name:version`."""

DATASET_TAG = "dataset"
"""The tag in which a run names the data set that it was evaluated on."""

_CLOCK_SKEW = timedelta(minutes=5)


def run_id_for(rule: EvidenceRule, version: ModelVersion) -> str | None:
    """Return the id of the run to read as proof: the one its tag names, else its job where the policy allows that."""
    named = version.tags.get(rule.run_tag) if rule.run_tag else None
    return named or (version.job if rule.run_or_job else None)


def run(given: GateInput, rule: EvidenceRule) -> GateResult:
    """There is a run, it ended well, and where it says what it evaluated, that is this version."""
    expected = f"an ended run about this version, named by {named_by(rule)}"
    if rule.run_names_version:
        expected = (
            f"an ended run that names this version in its tag {ABOUT_TAG}, or its own job; {named_by(rule)} names it"
        )
    gate = Gate(given, "evidence:run", expected, given.run_source)
    found = given.evidence.run
    if found is None:
        return gate.absent("no run", f"There is no run that proves this version: {_how(rule)}.", given.another_run)
    about, actual = _about(found), f"run {found.id}, status {found.status}"
    if found.ended_at is None:
        return gate.absent(actual, f"The run {quoted(found.id)} has not ended.")
    if not ended_well(found):
        sentence = f"The run {quoted(found.id)} ended as {quoted(found.status)}."
        return gate.failed(actual, sentence, given.another_run)
    if not is_about(given.policy, given.promotion, given.evidence, found):
        return gate.unproven(f"a run about {about}", _another(given, found), proving_run(given))
    return gate.passed(actual, f"The run {quoted(found.id)} ended.")


def proving_run(given: GateInput) -> str:
    """The command that gets a run which proves this version: one that only does not say so is made to, else another."""
    found = given.evidence.run
    if found is None or found.model is not None or found.ended_at is None or not ended_well(found) or given.proven:
        return given.another_run
    return set_run_tag(found.id, ABOUT_TAG, _wanted(given))


def may_still_come(given: GateInput) -> bool:
    """Whether values that are missing now may come later: there is no run yet, or it goes on, or it says nothing."""
    found = given.evidence.run
    return found is None or found.ended_at is None or given.proven


def against_champion(given: GateInput) -> str:
    """Where the two values of a comparison come from."""
    champion = given.champion
    recorded = f", and round {champion.round} of the champion {champion.promotion}" if champion else ""
    return given.run_source + recorded


def max_age(given: GateInput, longest: timedelta) -> GateResult:
    """The run ended no longer ago than the policy allows."""
    expected = f"a run that ended at most {spelled_duration(longest)} ago"
    gate = Gate(given, "evidence:max_age", expected, given.run_source)
    ended = given.evidence.run.ended_at if given.evidence.run else None
    if ended is None:
        return gate.absent("no ended run", "There is no ended run whose age could be told.", given.another_run)
    actual = f"ended {ended.isoformat(timespec='seconds')}"
    fault = age_fault(given.now, ended, longest)
    if fault:
        return gate.unproven(actual, f"The run ended {fault}", given.another_run)
    return gate.passed(actual, f"The run ended {ago(given.now, ended)} ago.")


def age_fault(now: datetime, then: datetime, longest: timedelta) -> str:
    """What is wrong with the age of evidence, as the end of a sentence; empty where it is young enough."""
    if then - now > _CLOCK_SKEW:
        return "in the future."
    old = now - then > longest
    return f"{ago(now, then)} ago; evidence may be {spelled_duration(longest)} old." if old else ""


def same_dataset(given: GateInput) -> GateResult:
    """Candidate and champion were evaluated on the same data set."""
    champion, stated = given.champion, given.evidence.datasets
    gate = Gate(given, "evidence:same_dataset", _expected_dataset(given), against_champion(given))
    run = given.evidence.run
    if run is not None and len(stated) > 1:
        both = " and ".join(map(quoted, stated))
        sentence = f"The run and its file of results state different data sets, {both}: correct the one that is wrong."
        return gate.unproven(both, sentence, _one_dataset(given, run))
    found = stated[0] if stated else None
    if champion is None:
        return gate.passed("no champion yet", first_release(given.policy, given.promotion))
    if champion.dataset is None:
        why = f"The champion {champion.promotion} states no data set: nothing can be compared with it."
        return not_comparable(gate, "the champion states none", why)
    if found is None:
        return _no_dataset(given, gate)
    actual = f"data set {quoted(found)}"
    if found != champion.dataset:
        sentence = f"The run used {actual}, the champion {quoted(champion.dataset)}: their metrics do not compare."
        return gate.failed(actual, sentence, given.another_run)
    return gate.passed(actual, "The run used the champion's data set.")


def not_comparable(gate: Gate, actual: str, why: str) -> GateResult:
    """Unproven for the champion's sake, which no submitter can mend: the policy can, until there is another champion.

    Where the organisation holds the gate only its own file can, by an exception: a mode there changes none in a policy.
    """
    given = gate.given
    until = "until a version judged by it is the champion"
    if gate.name in given.policy.held:
        mend = f"The organisation holds this gate: add an exception to exceptions in organisation.yaml, {until}."
        named = f'gate: "{gate.name}", models: ["{given.promotion.name}"], owner: <owner>, reason: <reason>'
        return gate.unproven(actual, f"{why} {mend}", f"exceptions: [{{{named}, until: <last day>}}]")
    mend = f"Put this gate in shadow in policy {visible(given.policy.name)} {until}."
    return gate.unproven(actual, f"{why} {mend}", f'modes: {{"{gate.name}": shadow}}')


def _one_dataset(given: GateInput, run: Run) -> str:
    """The commands that make run and results state one data set, one a line: each corrects one of the two."""
    results = given.policy.results
    file = [log_file(run.id, results.path)] if results else []
    return "\n".join([set_run_tag(run.id, DATASET_TAG, "<data set>"), *file])


def _no_dataset(given: GateInput, gate: Gate) -> GateResult:
    run = given.evidence.run
    if run is None:
        return gate.absent("no data set stated", "There is no run that states a data set.", given.another_run)
    command = set_run_tag(run.id, DATASET_TAG, "<data set>")
    if not run.datasets:
        return gate.absent("no data set stated", f"The run {quoted(run.id)} states no data set.", command)
    logged = ", ".join(map(quoted, run.datasets))
    sentence = (
        f"The run {quoted(run.id)} logs {len(run.datasets)} data sets, and does not say which one it is judged on."
    )
    return gate.absent(f"data sets {logged}", sentence, command)


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
    return quoted(found.model) if found.model else "no version that it names"


def _wanted(given: GateInput) -> str:
    return f"{given.promotion.name}:{given.promotion.version}"


def _another(given: GateInput, found: Run) -> str:
    wanted = _wanted(given)
    if found.model:
        return f"The run {quoted(found.id)} evaluated {quoted(found.model)}, not {wanted}."
    return f"The run {quoted(found.id)} does not say what it evaluated: log it with the tag {ABOUT_TAG}={wanted}."


def _how(rule: EvidenceRule) -> str:
    return f"name one by {named_by(rule)}"
