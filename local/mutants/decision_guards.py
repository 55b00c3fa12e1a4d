"""Guards of decisions: who counts, on what, until when."""

from local.mutants.mutant import Guard

_DECISIONS = "shared/domain/decisions.py"
_TESTS = "tests/domain/test_decisions.py"

DECISION_GUARDS = (
    Guard(
        name="self-approval",
        file=_DECISIONS,
        old="    if decision.person in rules.excluded:\n",
        new="    if False:\n",
        test=f"{_TESTS}::test_whoever_the_policy_excludes_never_counts",
    ),
    Guard(
        name="quorum of persons",
        file=_DECISIONS,
        old="    decisions = {**state.decisions, decision.person: decision}\n",
        new="    decisions = {**state.decisions, decision.spelling: decision}\n",
        test=f"{_TESTS}::test_one_person_twice_is_one_person",
    ),
    Guard(
        name="number of the quorum",
        file=_DECISIONS,
        old="    return len(approving) >= rules.quorum and set(rules.required_groups) <= represented\n",
        new="    return set(rules.required_groups) <= represented\n",
        test=f"{_TESTS}::test_one_person_twice_is_one_person",
    ),
    Guard(
        name="required group",
        file=_DECISIONS,
        old="    return len(approving) >= rules.quorum and set(rules.required_groups) <= represented\n",
        new="    return len(approving) >= rules.quorum\n",
        test=f"{_TESTS}::test_two_of_one_group_are_not_enough_without_the_required_group",
    ),
    Guard(
        name="group membership",
        file=_DECISIONS,
        old="    if not set(decision.groups) & set(rules.groups):\n",
        new="    if False:\n",
        test=f"{_TESTS}::test_whoever_is_in_no_deciding_group_is_refused",
    ),
    Guard(
        name="stale digest of an answer",
        file=_DECISIONS,
        old="    if decision.digest != case.evaluation.digest:\n",
        new="    if False:\n",
        test="tests/workflow/test_record_decision.py::test_an_answer_on_another_digest_is_told_the_current_one",
    ),
    Guard(
        name="expiry of answers",
        file=_DECISIONS,
        old="    if now >= state.expires_at:\n",
        new="    if False:\n",
        test="tests/workflow/test_record_decision.py"
        "::test_an_answer_that_comes_too_late_is_refused_even_before_the_sweep_saw_it",
    ),
    Guard(
        name="release record",
        file=_DECISIONS,
        old="    if record.missing:\n",
        new="    if False:\n",
        test="tests/workflow/test_record_decision.py::test_nothing_is_approved_without_the_release_record",
    ),
    Guard(
        name="rejection that stands",
        file="shared/domain/decide.py",
        old="    if case.rejection is not None and case.rejection.digest == evaluation.digest:\n",
        new="    if False:\n",
        test="tests/domain/test_decide_look.py::test_a_rejection_stands_while_nothing_has_changed",
    ),
    Guard(
        name="round voided by a change",
        file="shared/domain/decide.py",
        old="    asked = isinstance(case.state, states.AwaitingApproval) or case.through is not None\n"
        "    return (events.RoundVoided(case.round, case.evaluation.digest, changed),)"
        " if asked and case.evaluation else ()\n",
        new="    return ()\n",
        test="tests/domain/test_decide_look.py"
        "::test_a_changed_digest_voids_the_round_shows_the_difference_and_asks_anew",
    ),
    Guard(
        name="contradictory release record",
        file="shared/domain/decisions.py",
        old="    if record.contradictory:\n",
        new="    if False:\n",
        test="tests/domain/test_release_record.py::test_two_persons_who_differ_must_agree_first",
    ),
    Guard(
        name="forged fields",
        file="shared/domain/gates.py",
        old=", *reserved_tags(given))",
        new=")",
        test="tests/workflow/test_content_binding.py::test_a_change_after_a_decision_voids_it_and_is_shown",
    ),
    Guard(
        name="forged fields whatever the mode",
        file="shared/domain/policy.py",
        old='"target", "reserved_tags"})',
        new='"target"})',
        test="tests/domain/test_reserved_gate.py::test_no_mode_of_a_policy_loosens_it",
    ),
    Guard(
        name="forged run tags in the digest",
        file="shared/domain/digest_document.py",
        old='({"run_tags": _texts(facts.run_tags)} if facts.run_tags else {})',
        new="{}",
        test="tests/domain/test_reserved_gate.py::test_each_forged_name_is_in_the_digest",
    ),
    Guard(
        name="rules stored with the evaluation",
        file="shared/workflow/record_decision.py",
        old="        handling.record(RecordDecision(decision), operation, person.id)\n",
        new="        from dataclasses import replace\n"
        "        loaded, judged = outside.policy_source.policies()[0], handling.case.evaluation\n"
        "        if judged is not None:\n"
        "            rules = replace(judged.rules, quorum=loaded.approval.quorum, groups=loaded.approval.groups)\n"
        "            handling.case = replace(handling.case, evaluation=replace(judged, rules=rules))\n"
        "        handling.record(RecordDecision(decision), operation, person.id)\n",
        test="tests/workflow/test_record_decision.py"
        "::test_answers_are_judged_by_the_rules_that_people_were_asked_under",
    ),
    Guard(
        name="answers that could stop nothing",
        file=_DECISIONS,
        old="            _refuse_nothing_left(case)\n",
        new="",
        test=f"{_TESTS}::test_a_rejection_that_could_stop_nothing_is_settled",
    ),
)
