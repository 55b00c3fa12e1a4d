"""Guards of imports: what may start, what counts as landed, whose copy is adopted."""

from local.mutants.mutant import Guard

_IMPORT = "shared/workflow/import_target.py"
_RULES = "shared/domain/imports.py"
_WORKFLOW = "tests/workflow/test_import_target.py"
_FINDINGS = "tests/workflow/test_findings.py"
_DOMAIN = "tests/domain/test_imports.py"
_PROVENANCE = "shared/domain/provenance.py"
_DIFFERENCE = "tests/domain/test_provenance.py::test_a_difference_is_told"

IMPORT_GUARDS = (
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
    Guard(
        name="flavors compared with what was approved",
        file=_PROVENANCE,
        old="    if facts.flavors != found.flavors:\n",
        new="    if False:\n",
        test=_DIFFERENCE,
    ),
    Guard(
        name="files compared with what was approved",
        file=_PROVENANCE,
        old="        differences += _artifact_differences(facts, found)\n",
        new="",
        test=_DIFFERENCE,
    ),
    Guard(
        name="MD5 of files compared with what was approved",
        file=_PROVENANCE,
        old=" and (one[1] is None or other[1] is None or one[1] == other[1])\n",
        new="\n",
        test=_DIFFERENCE,
    ),
    Guard(
        name="champion of the round",
        file="shared/workflow/examine.py",
        old="    if case.evaluation is not None and not isinstance(case.state, states.Received):\n",
        new="    if False:\n",
        test="tests/workflow/test_advance.py::test_a_champion_that_comes_after_people_were_asked_voids_nothing",
    ),
    Guard(
        name="second look after a stop",
        file=_RULES,
        old="    final = is_promoting(case, target) or intent.checks > 0\n",
        new="    final = True\n",
        test=f"{_DOMAIN}::test_what_has_not_landed_is_looked_at_once_more",
    ),
    Guard(
        name="time between the two looks",
        file=_RULES,
        old="            early = intent.checks > 0 and now < read_back_at(intent, waits)  # two read it at once: that is one look\n",
        new="            early = False\n",
        test=f"{_DOMAIN}::test_two_that_read_back_at_once_make_one_look",
    ),
)
