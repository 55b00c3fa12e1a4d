"""Guards of what a backtest may say: from what was kept alone, as at that instant, and rendered nowhere."""

from local.mutants.mutant import Guard

_REPLAY = "shared/domain/replay.py"
_SEEN = "shared/domain/seen.py"
_TESTS = "tests/domain/test_replay.py"

REPLAY_GUARDS = (
    Guard(
        name="what was not looked up is undecidable",
        file=_REPLAY,
        old="    if missing := readings(match.policy, promotion, version) - set(seen.readings):\n",
        new="    if missing := set[str]():\n",
        test=f"{_TESTS}::test_a_run_that_was_never_read_is_not_taken_for_missing",
    ),
    Guard(
        name="what was cut is undecidable",
        file=_REPLAY,
        old="if place in left_out else inner\n",
        new="if False else inner\n",
        test=f"{_TESTS}::test_what_was_cut_answers_only_what_was_kept",
    ),
    Guard(
        name="what gates that are off would look up is not looked up",
        file=_SEEN,
        old="    metrics = policy.metrics.items()  # ",
        new="    metrics = rule.metrics.items()  # ",
        test=f"{_TESTS}::test_values_that_no_gate_asked_for_were_not_read",
    ),
    Guard(
        name="a best value is never told as the last one",
        file=_REPLAY,
        old=' if facts.taken.get(name, "last") == how}\n',
        new="}\n",
        test=f"{_TESTS}::test_a_best_value_or_a_mean_is_never_told_as_the_last_one",
    ),
    Guard(
        name="metrics that gates look at are kept before others",
        file=_SEEN,
        old="key=lambda name: (name not in first.get(place, ()), name)",
        new="key=lambda name: name",
        test="tests/domain/test_seen.py::test_what_gates_look_at_is_kept_before_the_rest",
    ),
    Guard(
        name="instant of a replay",
        file=_REPLAY,
        old="        now=seen.at,\n",
        new="        now=seen.at.replace(year=seen.at.year + 1),\n",
        test=f"{_TESTS}::test_age_is_judged_by_the_instant_of_the_evaluation",
    ),
    Guard(
        name="persons of a replay",
        file=_REPLAY,
        old="    for spelling, fitting in seen.persons.items():\n",
        new="    for spelling, fitting in list(seen.persons.items())[:0]:\n",
        test=f"{_TESTS}::test_the_same_policy_comes_out_the_same_to_the_digest",
    ),
    Guard(
        name="entries of kept evidence",
        file=_SEEN,
        old="[:MOST_ENTRIES]\n",
        new="\n",
        test="tests/domain/test_seen.py::test_too_many_tags_and_metrics_are_cut_and_said",
    ),
    Guard(
        name="texts of kept evidence",
        file=_SEEN,
        old="    return len(value) <= LONGEST_TEXT and not any(",
        new="    return not any(",
        test="tests/domain/test_seen.py::test_a_text_that_is_too_long_or_no_text_is_left_out",
    ),
    Guard(
        name="chain of a replayed export",
        file="shared/domain/exported_history.py",
        old="    findings = check_chain(history.partition, history.rows, history.head)\n",
        new="    findings = check_chain(history.partition, history.rows, history.head)[:0]\n",
        test="tests/cli/test_backtest.py::test_an_edited_export_is_refused",
    ),
    Guard(
        name="Markdown of a backtest",
        file="shared/cli/backtest_report.py",
        old="""    return f"`{visible(text).replace('`', chr(39)).replace('|', chr(92) + '|')}`"\n""",
        new="    return text\n",
        test="tests/cli/test_backtest.py::test_markdown_is_a_comment_in_which_nothing_from_outside_is_rendered",
    ),
)
