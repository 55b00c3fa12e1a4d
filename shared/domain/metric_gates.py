"""Gates on the values of a run: within the bounds of the policy, and not worse than the champion's."""

from decimal import Decimal

from shared.domain.decimals import difference_of, number, spelled, sum_of
from shared.domain.evaluation import GateResult
from shared.domain.evidence import Champion
from shared.domain.gate_input import Gate, GateInput
from shared.domain.mending import register_from_job
from shared.domain.metric_values import Taken, taken_value
from shared.domain.policy import EvidenceRule, MetricRule
from shared.domain.run_gates import against_champion, may_still_come, name_run, proves, run_source
from shared.domain.targets import first_release
from shared.domain.visible import quoted

_SPOKEN = {
    "last": "the last value",
    "best": "the best value",
    "mean": "the mean of all values",
    "results": "the value in the results",
}

_TAKEN = {
    "last": "",
    "best": " by the best value that the run logged",
    "mean": " by the mean of all values that the run logged",
    "results": " by the file of results",
}


def bounds(given: GateInput, rule: EvidenceRule, name: str) -> GateResult:
    """The metric lies within its bounds; both are one gate."""
    metric = rule.metrics[name]
    gate = Gate(given, f"metric:{name}", _expected_bounds(metric), _source(rule, metric) + run_source(given, rule))
    taken = taken_value(given.evidence, metric, name)
    value = _value(given, rule, gate, name, taken)
    if isinstance(value, GateResult):
        return value
    shown, note = spelled(value), taken.note
    if metric.min is not None and value < metric.min:
        sentence = f"{name} is {shown}{note}, below the least allowed, {spelled(metric.min)}."
        return gate.failed(shown, sentence, _better_model(given))
    if metric.max is not None and value > metric.max:
        sentence = f"{name} is {shown}{note}, above the most allowed, {spelled(metric.max)}."
        return gate.failed(shown, sentence, _better_model(given))
    return gate.passed(shown, f"{name} is {shown}{note}.")


def champion(given: GateInput, rule: EvidenceRule, name: str, worse_by: Decimal) -> GateResult:
    """The metric is not worse than the champion's recorded value by more than the policy allows."""
    holder = given.champion
    stated = rule.metrics[name].better
    direction = f", {stated} being better" if stated else ""
    expected = f"at most {spelled(worse_by)} worse than the champion{direction}"
    gate = Gate(
        given, f"metric:{name}:champion", expected, _source(rule, rule.metrics[name]) + against_champion(given, rule)
    )
    if holder is None:
        return gate.passed("no champion yet", first_release(given.policy, given.promotion))
    value = _value(given, rule, gate, name, taken_value(given.evidence, rule.metrics[name], name))
    if isinstance(value, GateResult):
        return value
    held = number(holder.metrics.get(name, ""))
    if held is None:
        sentence = f"The champion {holder.promotion} has no usable value of {name}: nothing can be compared with it."
        return gate.unproven(f"{spelled(value)}; the champion has none", sentence)
    if _taken(holder, name) != rule.metrics[name].taken:
        return _taken_otherwise(gate, holder, rule.metrics[name], name)
    return _compared(gate, rule.metrics[name], name, value, held, worse_by)


def _source(rule: EvidenceRule, metric: MetricRule) -> str:
    return f"{rule.results.path} of " if metric.from_results and rule.results else ""


def _taken(holder: Champion, name: str) -> str:
    return holder.taken.get(name, "last")


def _taken_otherwise(gate: Gate, holder: Champion, metric: MetricRule, name: str) -> GateResult:
    held, asked = _SPOKEN[_taken(holder, name)], _SPOKEN[metric.taken]
    sentence = (
        f"The champion {holder.promotion} was judged by {held} of {name}, this version by {asked}: they do not compare. "
        "Leave no_worse_than_champion_by out until a version judged by this rule is the champion."
    )
    return gate.unproven(f"{asked} against {held}", sentence)


def _compared(
    gate: Gate, metric: MetricRule, name: str, value: Decimal, held: Decimal, worse_by: Decimal
) -> GateResult:
    limit = sum_of(held, worse_by) if metric.lower_is_better else difference_of(held, worse_by)
    actual = f"{spelled(value)} against {spelled(held)}"
    if value > limit if metric.lower_is_better else value < limit:
        bound = "most" if metric.lower_is_better else "least"
        sentence = (
            f"{name} is {spelled(value)}, the champion has {spelled(held)}: {spelled(limit)} is the {bound} allowed."
        )
        return gate.failed(actual, sentence, _better_model(gate.given))
    return gate.passed(actual, f"{name} is {spelled(value)}, the champion has {spelled(held)}.")


def _value(given: GateInput, rule: EvidenceRule, gate: Gate, name: str, taken: Taken) -> Decimal | GateResult:
    """The candidate's value, or the result that says why there is none to judge."""
    if not proves(given):
        say = gate.absent if may_still_come(given) else gate.unproven
        return say("no run that proves it", f"No ended run about this version proves {name}.", name_run(given, rule))
    if taken.fault:
        return gate.unproven(
            "no value" if taken.text is None else quoted(taken.text), taken.fault, name_run(given, rule)
        )
    if taken.text is None:
        holder = "file of results" if rule.metrics[name].from_results else "run"
        return gate.absent("no such metric", f"The {holder} holds no metric {name}.", name_run(given, rule))
    return Decimal(taken.text)  # what has no fault is a number


def _better_model(given: GateInput) -> str:
    """A value that is too bad is mended by a better model alone: the next version, from the job that trained it."""
    return register_from_job(given.promotion, given.address, given.evidence.version.asset_type)


def _expected_bounds(metric: MetricRule) -> str:
    least = [] if metric.min is None else [f"at least {spelled(metric.min)}"]
    most = [] if metric.max is None else [f"at most {spelled(metric.max)}"]
    return " and ".join(least + most) + _TAKEN[metric.taken]
