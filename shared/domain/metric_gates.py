"""Gates on the values of a run: within the bounds of the policy, and not worse than the champion's."""

from decimal import Decimal

from shared.domain.decimals import difference_of, number, spelled, sum_of
from shared.domain.evaluation import GateResult
from shared.domain.evidence import Champion
from shared.domain.gate_input import Gate, GateInput, Judge
from shared.domain.policy import EvidenceRule, MetricRule
from shared.domain.run_gates import against_champion, may_still_come, not_comparable, proving_run
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


def bounds(rule: EvidenceRule, name: str) -> Judge:
    """The metric lies within its bounds; both are one gate."""
    metric, gate_name = rule.metrics[name], f"metric:{name}"
    expected, file = _expected_bounds(metric), _file(rule, metric)

    def judge(given: GateInput) -> GateResult:
        gate = Gate(given, gate_name, expected, file + given.run_source)
        taken = given.taken[name]
        value, note = taken.value, taken.note
        if value is None or not given.proven:
            return _nothing_to_judge(gate, metric, name)
        shown = spelled(value)
        if metric.min is not None and value < metric.min:
            sentence = f"{name} is {shown}{note}, below the least allowed, {spelled(metric.min)}."
            return gate.failed(shown, sentence, given.another_version)
        if metric.max is not None and value > metric.max:
            sentence = f"{name} is {shown}{note}, above the most allowed, {spelled(metric.max)}."
            return gate.failed(shown, sentence, given.another_version)
        return gate.passed(shown, f"{name} is {shown}{note}.")

    return judge


def champion(rule: EvidenceRule, name: str, worse_by: Decimal) -> Judge:
    """The metric is not worse than the champion's recorded value by more than the policy allows."""
    metric, gate_name = rule.metrics[name], f"metric:{name}:champion"
    direction = f", {metric.better} being better" if metric.better else ""
    expected, file = f"at most {spelled(worse_by)} worse than the champion{direction}", _file(rule, metric)

    def judge(given: GateInput) -> GateResult:
        gate = Gate(given, gate_name, expected, file + against_champion(given))
        holder, value = given.champion, given.taken[name].value
        if holder is None:
            return gate.passed("no champion yet", first_release(given.policy, given.promotion))
        if value is None or not given.proven:
            return _nothing_to_judge(gate, metric, name)
        held = number(holder.metrics.get(name, ""))
        if held is None:
            why = f"The champion {holder.promotion} has no usable value of {name}: nothing can be compared with it."
            return not_comparable(gate, f"{spelled(value)}; the champion has none", why)
        if _taken(holder, name) != metric.taken:
            return _taken_otherwise(gate, holder, metric, name)
        return _compared(gate, metric, name, value, held, worse_by)

    return judge


def _file(rule: EvidenceRule, metric: MetricRule) -> str:
    return f"{rule.results.path} of " if metric.from_results and rule.results else ""


def _taken(holder: Champion, name: str) -> str:
    return holder.taken.get(name, "last")


def _taken_otherwise(gate: Gate, holder: Champion, metric: MetricRule, name: str) -> GateResult:
    held, asked = _SPOKEN[_taken(holder, name)], _SPOKEN[metric.taken]
    why = (
        f"The champion {holder.promotion} was judged by {held} of {name}, this version by {asked}: they do not compare."
    )
    return not_comparable(gate, f"{asked} against {held}", why)


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
        return gate.failed(actual, sentence, gate.given.another_version)
    return gate.passed(actual, f"{name} is {spelled(value)}, the champion has {spelled(held)}.")


def _nothing_to_judge(gate: Gate, metric: MetricRule, name: str) -> GateResult:
    """Why the candidate has no value that proves anything."""
    given, taken = gate.given, gate.given.taken[name]
    if not given.proven:
        say = gate.absent if may_still_come(given) else gate.unproven
        return say("no run that proves it", f"No ended run about this version proves {name}.", proving_run(given))
    if taken.fault:
        return gate.unproven("no value" if taken.text is None else quoted(taken.text), taken.fault, given.another_run)
    holder = "file of results" if metric.from_results else "run"
    return gate.absent("no such metric", f"The {holder} holds no metric {name}.", given.another_run)


def _expected_bounds(metric: MetricRule) -> str:
    least = [] if metric.min is None else [f"at least {spelled(metric.min)}"]
    most = [] if metric.max is None else [f"at most {spelled(metric.max)}"]
    return " and ".join(least + most) + _TAKEN[metric.taken]
