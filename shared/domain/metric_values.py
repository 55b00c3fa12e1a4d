"""Which value stands for a metric: the last, the best or the mean of what the run logged, or that of its results file.

What is no finite number is never the best value. It makes the mean no number either: a mean over the rest would claim
what nobody measured.
"""

from decimal import Decimal

from shared.domain.decimals import mean_of, number, number_fault, spelled
from shared.domain.evidence import Evidence, Series
from shared.domain.light_values import light_value
from shared.domain.policy import MetricRule
from shared.domain.visible import quoted, visible


@light_value
class Taken:
    """The value of one metric. `text` is None where there is none; `fault` says why there is none that proves anything.

    `value` is the number that `text` spells, None where it spells none. `note` says how the value was come by, as the end
    of a sentence; empty for the last value.
    """

    text: str | None
    value: Decimal | None = None
    note: str = ""
    fault: str = ""


def taken_value(evidence: Evidence, rule: MetricRule, name: str) -> Taken:
    """The value that `rule` takes of the metric `name`."""
    if rule.from_results:
        return _of_results(evidence, name)
    run = evidence.run
    last = run.metrics.get(name) if run else None
    if rule.use == "last" or last is None:
        return _read(name, last)
    series = evidence.series.get(name, Series(()))
    if not series.whole:
        return Taken(
            None, fault=f"The run logged more values of {name} than are read: log fewer, or use its last value."
        )
    return _best(series, rule, name) if rule.use == "best" else _mean(series, name)


def _of_results(evidence: Evidence, name: str) -> Taken:
    found = evidence.results
    if found is None or found.fault:
        return Taken(None)
    return _read(name, found.metrics.get(name), f" (in {visible(found.source.path or '')})", "file of results")


def _read(name: str, text: str | None, note: str = "", holder: str = "run") -> Taken:
    if text is None:
        return Taken(None)
    value = number(text)
    if value is None:
        return Taken(text, fault=f"The {holder}'s {name} is {quoted(text)}, which is {number_fault(text)}.")
    return Taken(text, value, note)


def _best(series: Series, rule: MetricRule, name: str) -> Taken:
    finite = [value for value in map(number, series.values) if value is not None]
    if not finite:
        return Taken(None, fault=f"None of the {len(series.values)} values that the run logged of {name} is a number.")
    best = min(finite) if rule.lower_is_better else max(finite)
    passed_over = len(series.values) - len(finite)
    but = f", {passed_over} that are no numbers passed over" if passed_over else ""
    return Taken(spelled(best), best, f" (the best of {len(series.values)} values{but})")


def _mean(series: Series, name: str) -> Taken:
    found: list[Decimal] = []
    for text in series.values:
        value = number(text)
        if value is None:
            return Taken(text, fault=f"The run logged {quoted(text)} of {name}, so that its values have no mean.")
        found.append(value)
    if not found:
        return Taken(None, fault=f"The run logged no value of {name}.")
    mean = mean_of(found)
    return Taken(spelled(mean), mean, f" (the mean of {len(found)} values)")
