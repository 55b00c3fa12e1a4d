"""Guards of a restore: what is written, over nothing, and what nobody is told again."""

from local.mutants.mutant import Guard

_RESTORE = "shared/workflow/restore_histories.py"
_TESTS = "tests/workflow/test_restore.py"
_TABLES = "tests/contract/test_restore_tables.py"

RESTORE_GUARDS = (
    Guard(
        name="events of a restored history that are published already",
        file=_RESTORE,
        old="{TABLES: 0, TOPIC: planned.tip.sequence}",
        new="{TABLES: 0, TOPIC: 0}",
        test=f"{_TESTS}::test_the_app_makes_lists_again_and_tells_nobody_anything",
    ),
    Guard(
        name="lists of a restored history that are to be made",
        file=_RESTORE,
        old="{TABLES: 0, TOPIC: planned.tip.sequence}",
        new="{TABLES: planned.tip.sequence, TOPIC: planned.tip.sequence}",
        test=f"{_TESTS}::test_the_app_makes_lists_again_and_tells_nobody_anything",
    ),
    Guard(
        name="store that is not empty",
        file=_RESTORE,
        old="    if occupant is not None:\n",
        new="    if False:\n",
        test=f"{_TESTS}::test_a_store_that_holds_anything_is_left_alone",
    ),
    Guard(
        name="restore of another export",
        file=_RESTORE,
        old='        if begun.get("sha256") == sha256:\n',
        new="        if True:\n",
        test=f"{_TESTS}::test_one_that_was_interrupted_goes_on_with_the_same_export_and_no_other",
    ),
    Guard(
        name="history that was verified is the one that is written",
        file=_RESTORE,
        old=" or check_chain(exported.partition, raw.rows, raw.head):\n",
        new=":\n",
        test=f"{_TESTS}::test_an_export_that_changes_while_it_is_read_is_not_written_on[another row]",
    ),
    Guard(
        name="heads after a restore",
        file=_RESTORE,
        old="    if differences:\n",
        new="    if False:\n",
        test=f"{_TESTS}::test_an_app_that_goes_on_in_between_is_noticed",
    ),
    Guard(
        name="claims that follow from histories",
        file=_RESTORE,
        old="    _take_claims(destination, plan)\n",
        new="",
        test=f"{_TESTS}::test_histories_heads_and_claims_are_as_they_were",
    ),
    Guard(
        name="place of a target in conflict",
        file="shared/domain/claims.py",
        old="        if not isinstance(known.state, states.TargetConflict):\n",
        new="        if True:\n",
        test="tests/domain/test_claims.py::test_a_target_in_conflict_holds_none_and_the_others_theirs",
    ),
    Guard(
        name="rows of others where a history is restored",
        file="shared/adapters/restored_history.py",
        old="            return dict(entity) == expected\n",
        new="            return True\n",
        test=f"{_TABLES}::test_a_row_of_somebody_elses_in_the_middle_is_found_and_left",
    ),
    Guard(
        name="restored rows are inserted",
        file="shared/adapters/table_history.py",
        old='        for batch in batches([("create", entity) for entity in entities]):\n',
        new='        for batch in batches([("upsert", entity) for entity in entities]):\n',
        test=f"{_TABLES}::test_a_row_of_somebody_elses_in_the_middle_is_found_and_left",
    ),
    Guard(
        name="export that does not hold",
        file="shared/cli/restore.py",
        old="    if not report.holds:\n",
        new="    if False:\n",
        test="tests/cli/test_restore.py::test_an_export_that_is_older_than_the_checkpoint_is_not_restored_with_it",
    ),
    Guard(
        name="rows before the first",
        file="shared/domain/chain.py",
        old="        if sequence < 1:\n",
        new="        if False:\n",
        test="tests/domain/test_chain.py::test_what_stands_before_the_first_row_was_inserted",
    ),
    Guard(
        name="size of a body",
        file="shared/domain/chain.py",
        old="    return (sha256_hex(content), len(content)) == (row.body_sha256, row.body_size)\n",
        new="    return sha256_hex(content) == row.body_sha256\n",
        test="tests/domain/test_chain.py::test_a_size_that_is_not_the_bodys_was_edited",
    ),
)
