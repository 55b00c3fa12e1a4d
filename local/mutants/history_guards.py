"""Guards of histories: how they are appended to, chained, checked where they are read, and verified."""

from local.mutants.mutant import Guard

_TABLE = "shared/adapters/table_history.py"
_LIMITS = "shared/adapters/table_limits.py"
_CHAIN = "shared/domain/chain.py"
_MERKLE = "shared/domain/merkle.py"

HISTORY_GUARDS = (
    Guard(
        name="insert-only clash",
        file=_TABLE,
        old='        operations = [("create", event_entity(row)) for row in rows]\n',
        new='        operations = [("upsert", event_entity(row)) for row in rows]\n',
        test="tests/contract/test_insert_only.py::test_a_row_that_stands_is_never_written_over",
    ),
    Guard(
        name="If-Match on the head",
        file=_TABLE,
        old='    condition = {"mode": UpdateMode.REPLACE, "etag": etag, "match_condition": MatchConditions.IfNotModified}\n',
        new='    condition = {"mode": UpdateMode.REPLACE}\n',
        test="tests/contract/test_histories.py::test_a_stale_head_takes_back_the_rows_that_would_fit[azurite]",
    ),
    Guard(
        name="relay position ETag",
        file=_TABLE,
        old="            etag = self._table.replace(entity, loaded.relay_etag) if loaded.relay_etag else"
        " self._table.insert(entity)\n",
        new="            etag = self._table.upsert(entity, UpdateMode.REPLACE)\n",
        test="tests/contract/test_histories.py::test_of_two_relays_one_wins[azurite]",
    ),
    Guard(
        name="chain check on load",
        file=_TABLE,
        old="        check_loaded(history.partition, partition.rows, tip.sequence, tip.hash)\n",
        new="",
        test="tests/contract/test_insert_only.py::test_a_history_that_was_tampered_with_is_not_folded",
    ),
    Guard(
        name="operation id",
        file="shared/workflow/handling.py",
        old="            if self.history.through(operation) is not None:\n                return True\n",
        new="",
        test="tests/workflow/test_record_decision.py"
        "::test_the_same_answer_again_counts_nothing_and_is_answered_the_same",
    ),
    Guard(
        name="edited row",
        file=_CHAIN,
        old="        *_contents(own),\n",
        new="",
        test="tests/domain/test_chain.py::test_an_edited_row_is_named",
    ),
    Guard(
        name="broken link between rows",
        file=_CHAIN,
        old="        *_links({row.sequence: row for row in own}, head),\n",
        new="",
        test="tests/domain/test_chain.py::test_an_edited_row_that_was_hashed_anew_is_named",
    ),
    Guard(
        name="missing end of a history",
        file=_CHAIN,
        old="        *_ending(history, own, head),\n",
        new="",
        test="tests/domain/test_chain.py::test_a_missing_end_is_found_by_the_head",
    ),
    Guard(
        name="history against the checkpoint",
        file=_MERKLE,
        old="        findings.extend(_against(head, hashes.get(head.history), heads.get(head.history)))\n",
        new="        findings.extend(())\n",
        test="tests/domain/test_merkle.py::test_an_older_copy_put_back_with_its_head_is_rolled_back",
    ),
    Guard(
        name="history chained anew",
        file=_MERKLE,
        old="    if (rows or {}).get(sequence) != protected.hash:\n",
        new="    if False:\n",
        test="tests/domain/test_merkle.py::test_a_history_chained_anew_is_found",
    ),
    Guard(
        name="Merkle root of the checkpoint",
        file=_MERKLE,
        old="    findings = [] if merkle_root(checkpoint.heads) == checkpoint.root else [_forged(checkpoint)]\n",
        new="    findings: list[Finding] = []\n",
        test="tests/domain/test_merkle.py::test_an_edited_checkpoint_is_found",
    ),
    Guard(
        name="limit of bytes in a row",
        file=_LIMITS,
        old="    if (size := entity_bytes(entity)) > MAX_ENTITY_BYTES:\n",
        new="    if (size := entity_bytes(entity)) < 0:\n",
        test="tests/adapters/test_table_limits.py::test_a_row_beyond_a_limit_is_refused",
    ),
    Guard(
        name="limit of properties in a row",
        file=_LIMITS,
        old="    if len(names) > MAX_PROPERTIES:\n",
        new="    if False:\n",
        test="tests/adapters/test_table_limits.py::test_a_row_beyond_a_limit_is_refused",
    ),
    Guard(
        name="limit of operations in a transaction",
        file=_LIMITS,
        old="    if len(operations) > MAX_OPERATIONS:\n",
        new="    if False:\n",
        test="tests/adapters/test_table_limits.py::test_a_transaction_is_refused_whole",
    ),
    Guard(
        name="characters of a table key",
        file=_LIMITS,
        old="    if bad := _FORBIDDEN_IN_KEYS.search(text):\n",
        new="    if bad := None:\n",
        test="tests/adapters/test_table_limits.py::test_a_row_beyond_a_limit_is_refused",
    ),
    Guard(
        name="limits before a transaction is sent",
        file="shared/adapters/table_service.py",
        old="        check_transaction(operations)\n",
        new="",
        test="tests/contract/test_histories.py::test_a_snapshot_larger_than_a_row_is_refused[azurite]",
    ),
    Guard(
        name="history that is gone since the checkpoint",
        file=_MERKLE,
        old='        return [Finding(name, None, "removed_history", sentence)]\n',
        new="        return []\n",
        test="tests/domain/test_merkle.py::test_a_removed_history_is_found",
    ),
    Guard(
        name="rows that no checkpoint protects yet",
        file=_MERKLE,
        old="        if rows and max(rows) > known.get(history, 0)\n",
        new="        if rows and max(rows) > known.get(history, max(rows))\n",
        test="tests/domain/test_merkle.py::test_what_is_newer_is_named_as_not_yet_protected",
    ),
    Guard(
        name="digest of a body that is read back",
        file="shared/adapters/blob_evidence.py",
        old="        if sha256_hex(content) != digest:\n",
        new="        if False:\n",
        test="tests/contract/test_evidence.py::test_content_that_was_changed_behind_our_back_is_not_handed_out",
    ),
    Guard(
        name="rows whose head is gone",
        file="shared/cli/audit.py",
        old="    for partition in dict.fromkeys([*histories.partitions(), *protected]):\n",
        new="    for partition in dict.fromkeys(protected):\n",
        test="tests/cli/test_verify_tampering.py::test_whatever_is_done_in_the_table_is_found[remove the head-not yet]",
    ),
    Guard(
        name="bodies that are not at hand",
        file="shared/domain/export.py",
        old="        if row.body is None:\n            self.without_body",
        new="        if False:\n            self.without_body",
        test="tests/cli/test_verify_tampering.py"
        "::test_rows_without_their_bodies_are_named_for_what_they_told_is_not_at_hand",
    ),
)
