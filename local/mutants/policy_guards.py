"""Guards of policy files: what no file may weaken, and what is refused before it can exhaust the loader."""

from local.mutants.mutant import Guard

_YAML = "shared/adapters/strict_yaml.py"
_EXCEPTIONS = "shared/domain/gate_exceptions.py"
_EXCEPTION_TESTS = "tests/domain/test_gate_exceptions.py"

POLICY_GUARDS = (
    Guard(
        name="gates that no mode weakens",
        file="shared/domain/policy.py",
        old="    if kind in ALWAYS_ENFORCED:\n",
        new="    if False:\n",
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
        name="change window of an intent",
        file="shared/domain/imports.py",
        old="    if window is not None and not window.is_open(now):\n",
        new="    if False:\n",
        test="tests/domain/test_imports.py::test_an_import_starts_only_while_the_change_window_is_open",
    ),
    Guard(
        name="change window in the digest",
        file="shared/domain/digest_document.py",
        old="    return window | {\n",
        new="    return {\n",
        test="tests/domain/test_digest.py::test_whatever_moves_a_change_window_changes_the_digest",
    ),
    Guard(
        name="look at the end of an exception",
        file="shared/domain/next_action.py",
        old="            return _end_of_exceptions(case.evaluation, looks)\n",
        new="            return None\n",
        test="tests/workflow/test_modes.py::test_people_are_no_longer_asked_once_an_exception_has_ended",
    ),
    Guard(
        name="loosening against the organisation",
        file="shared/adapters/policy_files.py",
        old="    yield from file.told(against(organisation, policy, file, asked))\n",
        new="",
        test="tests/adapters/test_organisation_file.py::test_a_loosening_is_refused_with_both_places_and_the_fix",
    ),
    Guard(
        name="organisation in force",
        file="shared/adapters/policy_files.py",
        old="        return tuple(tightened(file.value.as_policy(), organisation) for file in self.files if file.value)\n",
        new="        return tuple(file.value.as_policy() for file in self.files if file.value)\n",
        test="tests/adapters/test_organisation_file.py"
        "::test_a_policy_that_asks_for_as_much_or_more_loads_with_what_it_left_out",
    ),
    Guard(
        name="evidence that the organisation asks for",
        file="shared/domain/evidence_floor.py",
        old="        if floor.is_required:\n",
        new="        if False:\n",
        test="tests/adapters/test_organisation_file.py::test_what_a_policy_lacks_is_refused_with_both_places_and_the_fix",
    ),
    Guard(
        name="metrics that the organisation asks for",
        file="shared/domain/evidence_floor.py",
        old="        judged = {**self._always, **evidence.metrics}\n",
        new="        judged = dict(evidence.metrics)\n",
        test="tests/domain/test_organisation.py::test_a_required_metric_is_put_into_evidence_that_leaves_it_out",
    ),
    Guard(
        name="names of files that are not read",
        file="shared/adapters/policy_listing.py",
        old='    if path.suffix != ".yaml":\n',
        new="    if False:\n",
        test="tests/adapters/test_policy_listing.py::test_a_name_that_is_not_read_is_a_fault_with_the_one_that_is",
    ),
    Guard(
        name="what bears the name of a file and is none",
        file="shared/adapters/plain_files.py",
        old="    fault = irregular(path)\n",
        new="    fault = None\n",
        test="tests/adapters/test_policy_listing.py::test_people_that_are_no_file_are_told_so",
    ),
    Guard(
        name="policies known before a floor was unread",
        file="shared/adapters/policy_files.py",
        old='        digest = "" if found.faults else _digest(found.read)\n',
        new="        digest = _digest(found.read)\n",
        test="tests/adapters/test_policy_listing.py"
        "::test_policies_known_already_do_not_outlive_a_floor_that_cannot_be_read",
    ),
    Guard(
        name="nobody accused by a stand-in",
        file="shared/adapters/readable.py",
        old="            if not any(self.unread.touches(place) for place in found.needs):\n",
        new="            if True:\n",
        test="tests/adapters/test_one_round.py::test_a_value_that_cannot_be_read_is_one_fault_and_accuses_nobody_else",
    ),
    Guard(
        name="exceptions from the organisation's gates",
        file="shared/domain/organisation.py",
        old="    ours = [rule for rule in policy.exceptions if rule.gate not in least]\n",
        new="    ours = list(policy.exceptions)\n",
        test="tests/domain/test_organisation.py::test_a_tightened_policy_is_never_looser_than_the_floor",
    ),
    Guard(
        name="modes of the organisation's gates",
        file="shared/domain/organisation.py",
        old="        found[gate] = max(policy.mode_of(gate), least, key=_MODES.index)\n",
        new="        found[gate] = policy.mode_of(gate)\n",
        test="tests/domain/test_organisation.py::test_a_tightened_policy_is_never_looser_than_the_floor",
    ),
    Guard(
        name="methods that rules may call",
        file="shared/adapters/cel.py",
        old='    if tree.data == "member_dot_arg" and tree.children[1] not in _METHODS:\n',
        new="    if False:\n",
        test="tests/adapters/test_cel.py::test_what_rules_may_not_say_is_refused_before_anything_runs",
    ),
    Guard(
        name="parts and depth of rules",
        file="shared/adapters/cel.py",
        old="        if nodes > MOST_NODES or depth > DEEPEST:\n",
        new="        if False:\n",
        test="tests/adapters/test_cel.py::test_what_rules_may_not_say_is_refused_before_anything_runs",
    ),
    Guard(
        name="numbers of rules that are not finite",
        file="shared/adapters/cel_functions.py",
        old="        return CELEvalError(_TOO_LARGE) if isinstance(result, float) and not math.isfinite(result) else result\n",
        new="        return result\n",
        test="tests/adapters/test_cel.py::test_what_cannot_be_computed_says_why",
    ),
    Guard(
        name="kinds of what rules compute with",
        file="shared/adapters/cel_functions.py",
        old="        if not gives(name, tuple(map(kind, operands))):\n",
        new="        if False:\n",
        test="tests/adapters/test_cel.py::test_what_cel_has_no_overload_for_is_computed_of_no_kinds",
    ),
    Guard(
        name="tags of rules in the digest",
        file="shared/domain/evaluate.py",
        old='    by_rules = {path[1] for path in policy.rule_reads if path[0] == "tags"}\n',
        new="    by_rules = set[str]()\n",
        test="tests/domain/test_rule_gates.py::test_what_a_rule_reads_stands_in_the_digest",
    ),
)
