"""Guards of the loop: nothing is forgotten, nothing is judged by the wrong policy, bad input is set aside."""

from local.mutants.mutant import Guard

_HANDLING = "shared/workflow/handling.py"
_MISSED = "shared/workflow/find_missed_registrations.py"
_WAITS = "shared/domain/waits.py"

LOOP_GUARDS = (
    Guard(
        name="incarnation",
        file="shared/domain/decide.py",
        old="    if case.incarnation is not None and case.incarnation != command.incarnation:\n",
        new="    if False:\n",
        test="tests/domain/test_decide_look.py::test_another_incarnation_begins_anew_in_every_state",
    ),
    Guard(
        name="import of an earlier incarnation",
        file="shared/domain/imports.py",
        old="    return not intent.earlier and intent.target == target.target\n",
        new="    return intent.target == target.target\n",
        test="tests/domain/test_imports.py"
        "::test_what_an_earlier_incarnation_left_is_a_conflict_even_when_the_new_one_is_approved",
    ),
    Guard(
        name="worklist before a decision",
        file=_HANDLING,
        old="            self._touch(now)\n"
        "            try:\n                self._append(events, operation, actor, now)\n"
        "            except HistoryClash:\n                self.reload()\n            else:\n                return True\n",
        new="            try:\n                self._append(events, operation, actor, now)\n"
        "            except HistoryClash:\n                self.reload()\n"
        "            else:\n                self._touch(now)\n                return True\n",
        test="tests/workflow/test_worklist_first.py::test_no_answer_is_appended_that_the_worklist_does_not_hold",
    ),
    Guard(
        name="worklist before what was read",
        file=_HANDLING,
        old="        self._touch(now)\n"
        "        try:\n            self._append(events, operation, MACHINERY, now)\n        except HistoryClash:\n",
        new="        try:\n            self._append(events, operation, MACHINERY, now)\n"
        "            self._touch(now)\n        except HistoryClash:\n",
        test="tests/workflow/test_worklist_first.py::test_nothing_read_is_appended_that_the_worklist_does_not_hold",
    ),
    Guard(
        name="worklist before a message",
        file="shared/workflow/receive_model_event.py",
        old="        outside.worklist.ask(promotion, now, now + outside.waits.work_due)\n"
        "        outside.queue.send(promotion)\n",
        new="        outside.queue.send(promotion)\n"
        "        outside.worklist.ask(promotion, now, now + outside.waits.work_due)\n",
        test="tests/workflow/test_receive_model_event.py::test_the_row_is_written_before_the_message_is_sent",
    ),
    Guard(
        name="sweep",
        file="shared/workflow/sweep.py",
        old="            outside.queue.send(work.promotion)\n",
        new="",
        test="tests/workflow/test_sweep.py::test_a_message_that_was_lost_is_made_good_by_the_sweep",
    ),
    Guard(
        name="row kept until it was relayed",
        file="shared/workflow/sweep.py",
        old="    return settled and relayed\n",
        new="    return settled\n",
        test="tests/workflow/test_sweep.py::test_what_is_not_yet_relayed_stays_on_the_worklist",
    ),
    Guard(
        name="catalog compared with the heads",
        file="shared/workflow/mend.py",
        old="        and listed.get(head.id) != [head.sequence]\n",
        new="        and head.id not in listed\n",
        test="tests/workflow/test_sweep.py::test_a_row_that_a_late_writer_left_in_the_catalog_is_mended_once_a_day",
    ),
    Guard(
        name="given up, whatever is found there",
        file="shared/domain/fold.py",
        old="states.TargetConflict(event.kind, event.explanation, event.found, target.given_up)",
        new="states.TargetConflict(event.kind, event.explanation, event.found)",
        test="tests/domain/test_decide_look.py"
        "::test_what_lands_late_at_a_target_that_was_given_up_leaves_the_others_asked",
    ),
    Guard(
        name="due time under ETag",
        file="shared/adapters/table_worklist.py",
        old='        condition: Any = {"etag": etag, "match_condition": MatchConditions.IfNotModified}\n'
        "        self._table.write(lambda table: table.update_entity(row,",
        new="        condition: Any = {}\n        self._table.write(lambda table: table.update_entity(row,",
        test="tests/contract/test_worklist.py::test_a_stale_etag_saves_the_looks_and_leaves_the_due_time[azurite]",
    ),
    Guard(
        name="one sink's trouble is its own",
        file="shared/workflow/relay.py",
        old="            except PortError as error:\n                sink_failed(handling, sink, error)\n",
        new="            except PortError as error:\n                sink_failed(handling, sink, error)\n"
        "                break\n",
        test="tests/workflow/test_relay.py::test_lists_that_are_down_do_not_stop_the_topic",
    ),
    Guard(
        name="late evidence of a look",
        file="shared/workflow/look.py",
        old="    except PortError as error:\n        return source_failed(handling, error)\n",
        new="    except PortError:\n        examined = None\n",
        test="tests/workflow/test_receive_model_event.py::test_a_workspace_that_cannot_be_read_withdraws_nothing",
    ),
    Guard(
        name="trouble appended once",
        file="shared/domain/imports.py",
        old="    if known == command.code:\n        return ()\n",
        new="",
        test="tests/domain/test_imports.py::test_the_same_error_is_appended_once_however_often_the_import_is_tried",
    ),
    Guard(
        name="what was read under another history",
        file=_HANDLING,
        old="            if self.history.through(operation) is None:\n                raise\n",
        new="            return self.record(command, operation)\n",
        test="tests/workflow/test_slow_workers.py"
        "::test_a_slow_reader_with_older_policies_does_not_void_what_a_newer_instance_asks",
    ),
    Guard(
        name="policy build",
        file="shared/workflow/advance.py",
        old="    return judged_by > handling.outside.policy_build and isinstance(action, next_.Look | next_.Import)\n",
        new="    return False\n",
        test="tests/workflow/test_advance.py::test_an_instance_with_an_older_policy_neither_evaluates_nor_imports",
    ),
    Guard(
        name="governed_from of an event",
        file="shared/workflow/examine.py",
        old="    if _is_too_old(outside, case, version.incarnation.created_at):\n",
        new="    if False:\n",
        test="tests/workflow/test_sweep.py::test_an_old_version_that_is_announced_is_ignored_until_someone_asks",
    ),
    Guard(
        name="governed_from of a listing",
        file="shared/workflow/find_missed_registrations.py",
        old="        if listed.created_at >= since and _is_missed(outside, listed):\n",
        new="        if _is_missed(outside, listed):\n",
        test="tests/workflow/test_sweep.py::test_old_versions_are_counted_and_nobody_is_asked",
    ),
    Guard(
        name="quarantine of a bad event",
        file="shared/workflow/receive_model_event.py",
        old="        read = (NotUnderstood(str(fault)),)\n",
        new="        raise\n",
        test="tests/workflow/test_receive_model_event.py::test_what_cannot_be_understood_is_kept_with_its_reason",
    ),
    Guard(
        name="quarantine of a bad message",
        file="functions/promotions.py",
        old="    except InvalidId as fault:\n",
        new="    except InvalidId as fault:\n        raise\n",
        test="tests/functions/test_triggers.py::test_what_says_nothing_is_set_aside_and_never_raises",
    ),
    Guard(
        name="injective targets",
        file="shared/adapters/policy_scopes.py",
        old="    return [*faults, *_collisions(ways)]\n",
        new="    return faults\n",
        test="tests/adapters/test_policy_files.py::test_two_policies_must_not_meet_under_one_name",
    ),
    Guard(
        name="one policy for a version",
        file="shared/adapters/policy_scopes.py",
        old="        faults.extend(_overlaps(one, other))\n",
        new="        pass\n",
        test="tests/adapters/test_policy_files.py::test_two_policies_that_match_one_version_are_refused",
    ),
    Guard(
        name="end of a run",
        file="shared/workflow/receive_model_event.py",
        old="            found.update(dict.fromkeys(outside.awaited_runs.waiting(event.workspace, event.run)))\n",
        new="            pass\n",
        test="tests/workflow/test_awaited_runs.py::test_the_end_of_the_run_wakes_who_waits_for_it",
    ),
    Guard(
        name="index of who waits",
        file="shared/workflow/relay.py",
        old="    follow_runs(handling, position)\n",
        new="",
        test="tests/workflow/test_awaited_runs.py::test_what_is_blocked_for_lack_of_evidence_is_woken",
    ),
    Guard(
        name="giving up only what waits",
        file="shared/domain/decide.py",
        old="    if not isinstance(case.state, states.Waiting | states.Blocked):\n",
        new="    if False:\n",
        test="tests/web/test_commands_api.py::test_what_has_moved_on_meanwhile_is_not_given_up",
    ),
    Guard(
        name="row that somebody touched lately",
        file="shared/workflow/sweep.py",
        old="    if now - work.touched < outside.waits.settled_for or work.looks.look_is_asked:\n",
        new="    if work.looks.look_is_asked:\n",
        test="tests/workflow/test_sweep.py"
        "::test_a_row_that_somebody_touched_lately_stays_though_its_promotion_is_settled",
    ),
    Guard(
        name="removal under ETag",
        file="shared/adapters/table_worklist.py",
        old='        condition: Any = {"etag": work.etag, "match_condition": MatchConditions.IfNotModified}\n',
        new="        condition: Any = {}\n",
        test="tests/contract/test_worklist.py::test_a_row_is_removed_only_as_it_was_read[azurite]",
    ),
    Guard(
        name="calls of one run that looks for missed events",
        file=_MISSED,
        old="        return self.pages < _MOST_PAGES and len(self.found) < _MOST_NEW\n",
        new="        return len(self.found) < _MOST_NEW\n",
        test="tests/workflow/test_sweep.py"
        "::test_a_run_makes_a_bounded_number_of_calls_and_the_next_goes_on_where_it_stopped",
    ),
    Guard(
        name="promotions of one run that looks for missed events",
        file=_MISSED,
        old="        return self.pages < _MOST_PAGES and len(self.found) < _MOST_NEW\n",
        new="        return self.pages < _MOST_PAGES\n",
        test="tests/workflow/test_sweep.py::test_a_run_finds_a_bounded_number_and_the_next_goes_on",
    ),
    Guard(
        name="Retry-After",
        file=_WAITS,
        old="max(doubled * spread, timedelta(seconds=retry_after or 0))",
        new="doubled * spread",
        test="tests/domain/test_waits.py::test_retry_after_is_honoured",
    ),
    Guard(
        name="jitter",
        file=_WAITS,
        old='        spread = 0.75 + 0.5 * sha256(f"{key}#{tries}".encode()).digest()[0] / 255\n',
        new="        spread = 1.0\n",
        test="tests/domain/test_waits.py::test_the_same_case_waits_the_same_and_different_cases_spread",
    ),
    Guard(
        name="longest pause",
        file=_WAITS,
        old="min(self.backoff_first * float(2 ** min(tries - 1, 32)), self.backoff_last)",
        new="self.backoff_first * float(2 ** min(tries - 1, 32))",
        test="tests/domain/test_waits.py"
        "::test_the_pause_doubles_from_half_a_minute_to_half_an_hour_with_a_quarter_of_jitter",
    ),
)
