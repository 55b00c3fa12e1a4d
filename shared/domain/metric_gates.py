"""Gates on the values of a run: within the bounds of the policy, and not worse than the champion's."""

from decimal import Decimal

from shared.domain.decimals import difference_of, number, number_fault, spelled, sum_of
from shared.domain.evaluation import GateResult
from shared.domain.gate_input import Gate, GateInput
from shared.domain.policy import EvidenceRule, MetricRule
from shared.domain.run_gates import may_still_come, name_run, proves
from shared.domain.visible import quoted


def bounds(given: GateInput, rule: EvidenceRule, name: str) -> GateResult:
    """The metric lies within its bounds; both are one gate."""
    metric = rule.metrics[name]
    gate = Gate(given, f"metric:{name}", _expected_bounds(metric))
    value = _value(given, rule, gate, name)
    if isinstance(value, GateResult):
        return value
    shown = spelled(value)
    if metric.min is not None and value < metric.min:
        return gate.failed(shown, f"{name} is {shown}, below the least allowed, {spelled(metric.min)}.")
    if metric.max is not None and value > metric.max:
        return gate.failed(shown, f"{name} is {shown}, above the most allowed, {spelled(metric.max)}.")
    return gate.passed(shown, f"{name} is {shown}.")


def champion(given: GateInput, rule: EvidenceRule, name: str, worse_by: Decimal) -> GateResult:
    """The metric is not worse than the champion's recorded value by more than the policy allows."""
    holder = given.champion
    gate = Gate(given, f"metric:{name}:champion", f"at most {spelled(worse_by)} worse than the champion")
    if holder is None:
        return gate.passed("no champion yet", "There is no champion yet to compare with.")
    value = _value(given, rule, gate, name)
    if isinstance(value, GateResult):
        return value
    held = number(holder.metrics.get(name, ""))
    if held is None:
        sentence = f"The champion {holder.promotion} has no usable value of {name}: nothing can be compared with it."
        return gate.unproven(f"{spelled(value)}; the champion has none", sentence)
    return _compared(gate, rule.metrics[name], name, value, held, worse_by)


def _compared(
    gate: Gate, metric: MetricRule, name: str, value: Decimal, held: Decimal, worse_by: Decimal
) -> GateResult:
    lower_is_better = metric.max is not None and metric.min is None
    limit = sum_of(held, worse_by) if lower_is_better else difference_of(held, worse_by)
    actual = f"{spelled(value)} against {spelled(held)}"
    if value > limit if lower_is_better else value < limit:
        bound = "most" if lower_is_better else "least"
        sentence = (
            f"{name} is {spelled(value)}, the champion has {spelled(held)}: {spelled(limit)} is the {bound} allowed."
        )
        return gate.failed(actual, sentence)
    return gate.passed(actual, f"{name} is {spelled(value)}, the champion has {spelled(held)}.")


def _value(given: GateInput, rule: EvidenceRule, gate: Gate, name: str) -> Decimal | GateResult:
    """The candidate's value, or the result that says why there is none to judge."""
    found = given.evidence.run
    text = found.metrics.get(name) if found else None
    if not proves(given):
        say = gate.absent if may_still_come(given) else gate.unproven
        return say("no run that proves it", f"No ended run about this version proves {name}.", name_run(given, rule))
    if text is None:
        return gate.absent("no such metric", f"The run holds no metric {name}.", name_run(given, rule))
    value = number(text)
    if value is None:
        sentence = f"The run's {name} is {quoted(text)}, which is {number_fault(text)}."
        return gate.unproven(quoted(text), sentence, name_run(given, rule))
    return value


def _expected_bounds(metric: MetricRule) -> str:
    least = [] if metric.min is None else [f"at least {spelled(metric.min)}"]
    most = [] if metric.max is None else [f"at most {spelled(metric.max)}"]
    return " and ".join(least + most)
