"""Guards of evidence: what proves nothing passes no gate, and what is too much is not read."""

from local.mutants.mutant import Guard

_GATES = "tests/domain/test_gates.py"
_RUNS = "tests/adapters/test_azure_ml_runs.py"

EVIDENCE_GUARDS = (
    Guard(
        name="mean of numbers alone",
        file="shared/domain/metric_values.py",
        old='            return Taken(text, fault=f"The run logged {quoted(text)} of {name}, so that its values have no mean.")\n',
        new="            continue\n",
        test=f"{_GATES}::test_a_policy_says_which_value_of_a_run_counts",
    ),
    Guard(
        name="best value by what is better",
        file="shared/domain/metric_values.py",
        old="    best = min(finite) if rule.lower_is_better else max(finite)\n",
        new="    best = max(finite)\n",
        test=f"{_GATES}::test_the_best_value_is_the_least_where_less_is_better",
    ),
    Guard(
        name="values too many to be read prove nothing",
        file="shared/domain/metric_values.py",
        old="    if not series.whole:\n",
        new="    if False:\n",
        test=f"{_GATES}::test_too_many_values_prove_nothing",
    ),
    Guard(
        name="a best value compared with a best value alone",
        file="shared/domain/metric_gates.py",
        old="    if _taken(holder, name) != rule.metrics[name].use:\n",
        new="    if False:\n",
        test=f"{_GATES}::test_the_best_value_is_compared_with_a_best_value_alone",
    ),
    Guard(
        name="pages of one metric's values",
        file="shared/adapters/azure_ml_runs.py",
        old="        for _ in range(MOST_PAGES):\n",
        new="        while True:\n",
        test=f"{_RUNS}::test_of_a_series_too_long_no_more_than_five_pages_are_read",
    ),
    Guard(
        name="query values are encoded",
        file="shared/adapters/azure_ml_http.py",
        old='        encoded = {name: quote(value, safe="") for name, value in params.items()}\n',
        new="        encoded = dict(params)\n",
        test=f"{_RUNS}::test_a_metric_may_have_a_hostile_name",
    ),
)
