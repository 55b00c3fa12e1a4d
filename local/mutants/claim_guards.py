"""Guards of claims: whose place in a registry it is, and until when (R7)."""

from local.mutants.mutant import Guard

_CLAIMS = "shared/adapters/table_claims.py"
_FINDINGS = "tests/workflow/test_findings.py"

CLAIM_GUARDS = (
    Guard(
        name="claim before anybody is asked",
        file="shared/workflow/findings.py",
        old="    if holder.promotion == case.id:\n",
        new="    if True:\n",
        test=f"{_FINDINGS}::test_two_workspaces_that_race_for_one_place_have_one_winner",
    ),
    Guard(
        name="claim before an import",
        file="shared/workflow/import_target.py",
        old="    if holder.promotion != handling.promotion:\n",
        new="    if False:\n",
        test=f"{_FINDINGS}::test_a_target_wanted_again_after_somebody_else_claimed_it_is_a_conflict",
    ),
    Guard(
        name="claim of another promotion",
        file=_CLAIMS,
        old="    if claim.promotion != holds.promotion:\n        return False\n",
        new="",
        test="tests/contract/test_claims.py::test_another_promotion_replaces_nothing_whatever_its_round",
    ),
    Guard(
        name="claim that its holder still needs",
        file="shared/workflow/claim_place.py",
        old="    return needs_claim(case, target)\n",
        new="    return False\n",
        test=f"{_FINDINGS}::test_two_workspaces_that_race_for_one_place_have_one_winner",
    ),
    Guard(
        name="claim release of the ended round alone",
        file=_CLAIMS,
        old="    return (holds.promotion, holds.round) == (promotion, number)\n",
        new="    return holds.promotion == promotion\n",
        test="tests/contract/test_claims.py::test_only_the_round_that_holds_it_gives_it_back[azurite]",
    ),
    Guard(
        name="claim kept while it is needed",
        file="shared/workflow/follow.py",
        old="        if not needs_claim(handling.case, target):\n",
        new="        if True:\n",
        test=f"{_FINDINGS}::test_a_promoted_targets_claim_outlives_the_round_that_was_stopped",
    ),
    Guard(
        name="claim of an earlier round alone is replaced",
        file=_CLAIMS,
        old="    return claim.round > holds.round\n",
        new="    return True\n",
        test="tests/contract/test_claims.py::test_ours_of_later_stays[memory-later round]",
    ),
    Guard(
        name="claim of an earlier incarnation alone is replaced",
        file=_CLAIMS,
        old="        return claim.incarnation.created_at >= holds.incarnation.created_at\n",
        new="        return True\n",
        test="tests/contract/test_claims.py::test_ours_of_later_stays[memory-later incarnation]",
    ),
    Guard(
        name="ETag of a claim that is replaced",
        file=_CLAIMS,
        old="update_entity(entity, mode=UpdateMode.REPLACE, **condition)",
        new="update_entity(entity, mode=UpdateMode.REPLACE)",
        test="tests/contract/test_claims_change.py::test_a_claim_that_changed_since_it_was_read_is_not_replaced",
    ),
    Guard(
        name="ETag of a claim that is given back",
        file=_CLAIMS,
        old='        condition: Any = {"etag": standing.metadata["etag"], "match_condition": MatchConditions.IfNotModified}\n'
        "        try:\n            self._table.write(lambda table: table.delete_entity(standing, **condition))\n",
        new='        keys = {key: standing[key] for key in ("PartitionKey", "RowKey")}\n'
        "        try:\n            self._table.write(lambda table: table.delete_entity(keys))\n",
        test="tests/contract/test_claims_change.py::test_a_claim_that_changed_since_it_was_read_is_not_given_back",
    ),
)
