"""Guards of imports: whose place it is, what may start, what counts as landed, whose copy is adopted."""

from local.mutants.mutant import Guard

_IMPORT = "shared/workflow/import_target.py"
_RULES = "shared/domain/imports.py"
_CLAIMS = "shared/adapters/table_claims.py"
_WORKFLOW = "tests/workflow/test_import_target.py"
_FINDINGS = "tests/workflow/test_findings.py"
_DOMAIN = "tests/domain/test_imports.py"

IMPORT_GUARDS = (
    Guard(
        name="claim before anybody is asked",
        file="shared/workflow/findings.py",
        old="    if holder.promotion == case.id:\n",
        new="    if True:\n",
        test=f"{_FINDINGS}::test_two_workspaces_that_race_for_one_place_have_one_winner",
    ),
    Guard(
        name="claim before an import",
        file=_IMPORT,
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
        name="digest re-check before an import",
        file=_IMPORT,
        old="    if examined.digest is None or not is_unchanged(handling.case, examined.digest):\n",
        new="    if examined.digest is None:\n",
        test=f"{_WORKFLOW}::test_what_changed_since_the_approval_is_not_imported",
    ),
    Guard(
        name="approved digest of an intent",
        file=_RULES,
        old="    if case.evaluation is None or command.digest != case.evaluation.digest:\n",
        new="    if case.evaluation is None:\n",
        test=f"{_DOMAIN}::test_an_import_starts_only_for_the_approved_digest",
    ),
    Guard(
        name="intent before an import",
        file=_IMPORT,
        old="    return _announced(handling, registry, digest, reread_at) and _share(handling, registry, reread_at)\n",
        new="    handling.outside.registry.share(handling.promotion, target)\n"
        "    return _announced(handling, registry, digest, reread_at) and _share(handling, registry, reread_at)\n",
        test=f"{_WORKFLOW}::test_the_intent_stands_in_the_history_before_the_import_begins",
    ),
    Guard(
        name="re-read age of an intent",
        file=_RULES,
        old="    if now - command.reread_at > waits.reread_max_age:\n",
        new="    if False:\n",
        test=f"{_DOMAIN}::test_an_import_starts_only_after_a_reread_of_the_last_minute",
    ),
    Guard(
        name="re-read age of an import",
        file=_IMPORT,
        old="    return now - reread_at <= waits.reread_max_age and intent.ends_at - now >= waits.lease_needed\n",
        new="    return intent.ends_at - now >= waits.lease_needed\n",
        test=f"{_WORKFLOW}::test_a_worker_that_stalled_after_its_intent_does_not_start_on_an_old_re_read",
    ),
    Guard(
        name="lease left for an import",
        file=_IMPORT,
        old="    return now - reread_at <= waits.reread_max_age and intent.ends_at - now >= waits.lease_needed\n",
        new="    return now - reread_at <= waits.reread_max_age\n",
        test=f"{_WORKFLOW}::test_a_worker_that_stalled_after_its_re_read_does_not_start",
    ),
    Guard(
        name="one import under way",
        file=_RULES,
        old="    return approved and isinstance(target.state, states.Pending) and idle\n",
        new="    return approved and isinstance(target.state, states.Pending)\n",
        test=f"{_DOMAIN}::test_a_target_given_up_while_importing_and_wanted_again_is_read_back_before_it_starts_again",
    ),
    Guard(
        name="lease end before another start",
        file=_RULES,
        old="    if now < intent.ends_at:\n",
        new="    if False:\n",
        test=f"{_DOMAIN}::test_a_failed_import_is_an_error_until_its_lease_ends",
    ),
    Guard(
        name="lease end before others read back",
        file=_RULES,
        old="if intent.checked_at else intent.ends_at\n",
        new="if intent.checked_at else intent.ends_at - waits.lease\n",
        test=f"{_WORKFLOW}::test_nobody_judges_an_import_of_another_worker_before_its_lease_ends",
    ),
    Guard(
        name="own lease still current",
        file=_RULES,
        old="    current = command.own and now < intent.ends_at and _is_still_meant(target, intent)\n",
        new="    current = command.own and _is_still_meant(target, intent)\n",
        test=f"{_DOMAIN}::test_what_the_worker_itself_sees_after_its_lease_is_a_conflict",
    ),
    Guard(
        name="import that lands after the stop",
        file=_RULES,
        old="    return isinstance(case.state, states.Promoting) and open_ and announced\n",
        new="    return open_ and announced\n",
        test=f"{_DOMAIN}::test_what_landed_after_the_stop_is_a_conflict",
    ),
    Guard(
        name="intent that is no longer current",
        file=_RULES,
        old="    return target.intent if target and target.intent and target.intent.lease == lease else None\n",
        new="    return target.intent if target else None\n",
        test=f"{_DOMAIN}::test_a_worker_whose_intent_is_no_longer_current_appends_nothing",
    ),
    Guard(
        name="read-back",
        file=_IMPORT,
        old="        found: Found = compare(intent.target, facts, held) if held else Absent()\n",
        new="        found: Found = compare(intent.target, facts, held) if held else"
        ' commands.Equal("unread", ()) if own else Absent()\n',
        test=f"{_WORKFLOW}::test_an_import_that_failed_is_started_again_only_after_its_lease",
    ),
    Guard(
        name="one import of a handling",
        file="shared/workflow/advance.py",
        old="            if imported:\n                return True\n",
        new="",
        test="tests/workflow/test_advance.py::test_one_handling_makes_at_most_one_import_then_sends_its_message_again",
    ),
    Guard(
        name="late evidence before an import",
        file=_IMPORT,
        old="    except PortError as error:\n        return source_failed(handling, error)\n    if examined is None:\n",
        new="    except PortError:\n        examined = None\n    if examined is None:\n",
        test=f"{_WORKFLOW}::test_evidence_that_cannot_be_read_before_the_import_voids_nothing",
    ),
    Guard(
        name="mark of ours on a copy found before an import",
        file=_RULES,
        old="    if command.ours:\n",
        new="    if True:\n",
        test=f"{_DOMAIN}::test_an_equal_model_without_our_mark_is_a_conflict",
    ),
    Guard(
        name="mark of ours on a copy found before anybody is asked",
        file="shared/workflow/findings.py",
        old="    return under_way or is_ours(held.marker, case.id, evaluation.incarnation)\n",
        new="    return True\n",
        test=f"{_FINDINGS}::test_an_equal_model_of_somebody_else_holds_everybody_back",
    ),
    Guard(
        name="incarnation in our mark",
        file="shared/domain/provenance.py",
        old='    return {f"{PREFIX}promotion": str(promotion), f"{PREFIX}incarnation":'
        " instant_text(incarnation.created_at)}\n",
        new='    return {f"{PREFIX}promotion": str(promotion)}\n',
        test="tests/domain/test_provenance.py::test_a_mark_is_ours_for_this_promotion_and_incarnation_alone",
    ),
    Guard(
        name="content compared with what was approved",
        file="shared/domain/provenance.py",
        old="    if facts.asset_type != found.asset_type:\n",
        new="    if False:\n",
        test="tests/domain/test_provenance.py::test_a_difference_is_told",
    ),
    Guard(
        name="marks in place of forged ones",
        file="shared/adapters/azure_ml_registry.py",
        old='        theirs = {key: value for key, value in (kept.get("tags") or {}).items() if not is_mark(key)}\n',
        new='        theirs = kept.get("tags") or {}\n',
        test="tests/adapters/test_azure_ml_registry.py::test_marks_stand_beside_the_tags_that_were_there",
    ),
)
