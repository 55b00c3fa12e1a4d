"""Guards of policy files: what no file may weaken, and what is refused before it can exhaust the loader."""

from local.mutants.mutant import Guard

_YAML = "shared/adapters/strict_yaml.py"
_EXCEPTIONS = "shared/domain/gate_exceptions.py"
_EXCEPTION_TESTS = "tests/domain/test_gate_exceptions.py"

POLICY_GUARDS = (
    Guard(
        name="gates that no mode weakens",
        file="shared/domain/policy.py",
        old="        if kind in ALWAYS_ENFORCED:\n",
        new="        if False:\n",
        test="tests/domain/test_evaluate.py::test_no_mode_weakens_separation_of_duties_or_targets",
    ),
    Guard(
        name="aliases in YAML",
        file=_YAML,
        old="        if isinstance(event, yaml.AliasEvent):\n",
        new="        if False:\n",
        test="tests/adapters/test_strict_yaml.py::test_what_surprises_or_explodes_is_refused",
    ),
    Guard(
        name="nesting of YAML",
        file=_YAML,
        old="        if depth > DEEPEST:\n",
        new="        if False:\n",
        test="tests/adapters/test_strict_yaml.py::test_what_surprises_or_explodes_is_refused",
    ),
    Guard(
        name="wildcards that are compared",
        file="shared/adapters/policy_scopes.py",
        old="    if weight > MOST_COMPARED:\n",
        new="    if False:\n",
        test="tests/adapters/test_policy_bombs.py"
        "::test_a_bomb_is_told_what_it_is_and_costs_no_more_than_some_ordinary_files",
    ),
    Guard(
        name="gates that no exception weakens",
        file=_EXCEPTIONS,
        old='    if gate.partition(":")[0] in ALWAYS_ENFORCED:\n',
        new="    if False:\n",
        test=f"{_EXCEPTION_TESTS}::test_no_exception_weakens_separation_of_duties_or_targets",
    ),
    Guard(
        name="end of an exception",
        file=_EXCEPTIONS,
        old="        (found for found in active if now < found.ends_at),\n",
        new="        active,\n",
        test=f"{_EXCEPTION_TESTS}::test_it_lasts_to_the_end_of_its_day_in_utc",
    ),
    Guard(
        name="look at the end of an exception",
        file="shared/domain/next_action.py",
        old="            return _end_of_exceptions(case.evaluation, looks)\n",
        new="            return None\n",
        test="tests/workflow/test_modes.py::test_people_are_no_longer_asked_once_an_exception_has_ended",
    ),
)
