"""What Clearance promises, and what would go red if it did not hold: the table behind docs/security.md."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Figure:
    """A figure of build/faults.json that must be 0, and of how many: `section.name` both."""

    zero: str
    of: str


@dataclass(frozen=True, slots=True)
class Promise:
    """One promise. `tests` are `file::name`; `figures` come from `make faults`."""

    number: str
    says: str
    tests: tuple[str, ...]
    figures: tuple[Figure, ...] = ()


_CRASH, _STORAGE, _ML = "crash.runs", "storage.runs", "azure_ml.runs"

PROMISES = (
    Promise(
        "P1",
        "What was acknowledged is not lost: a 2xx or a deleted message means a durable row.",
        (
            "tests/workflow/test_receive_model_event.py::test_the_row_is_written_before_the_message_is_sent",
            "tests/workflow/test_receive_model_event.py::test_a_message_is_not_acknowledged_while_nothing_can_be_stored",
            "tests/contract/test_killed_writer.py::test_a_killed_writer_leaves_its_promotion_due",
            "tests/e2e/test_main_job.py::test_two_people_put_a_version_into_two_registries_though_the_app_is_killed_in_between",
        ),
        (Figure("crash.lost_acknowledged", _CRASH), Figure("crash.stuck", _CRASH)),
    ),
    Promise(
        "P2",
        "Duplicates and disorder change nothing.",
        (
            "tests/workflow/test_receive_model_event.py::test_duplicates_and_disorder_change_nothing",
            "tests/workflow/test_advance.py::test_the_loop_is_safe_to_run_again_at_any_time",
            "tests/web/test_webhooks.py::test_a_known_id_with_another_body_is_refused_and_the_first_stands",
        ),
    ),
    Promise(
        "P3",
        "A version is imported into a target at most once with effect.",
        (
            "tests/workflow/test_import_target.py::test_an_import_whose_answer_was_lost_is_found_by_reading_back",
            "tests/workflow/test_import_target.py::test_an_import_that_failed_is_started_again_only_after_its_lease",
            "tests/domain/test_imports.py::test_an_import_under_way_is_not_started_twice",
        ),
        (Figure("crash.double_imports", _CRASH),),
    ),
    Promise(
        "P4",
        "Nothing is imported without enough valid, unexpired approvals of exactly that digest.",
        (
            "tests/domain/test_imports.py::test_an_import_starts_only_for_the_approved_digest",
            "tests/domain/test_decisions.py::test_an_answer_on_an_earlier_digest_is_stale_and_told_the_current_one",
            "tests/domain/test_decisions.py::test_an_answer_after_the_time_to_answer_is_refused",
            "tests/domain/test_decide_look.py::test_another_incarnation_begins_anew_in_every_state",
            "tests/domain/test_promotion_machine.py::TestPromotionMachine",
        ),
        (Figure("simulator.violations", "simulator.seeds"),),
    ),
    Promise(
        "P5",
        "The digest is re-read at most a minute before an import, and what landed is read back after it.",
        (
            "tests/domain/test_imports.py::test_an_import_starts_only_after_a_reread_of_the_last_minute",
            "tests/workflow/test_import_target.py::test_what_changed_since_the_approval_is_not_imported",
            "tests/domain/test_imports.py::test_another_model_in_the_place_is_a_conflict",
        ),
    ),
    Promise(
        "P6",
        "Nobody decides on a version that they registered or evaluated, nor, where the policy says so, trained, under whichever name.",
        (
            "tests/domain/test_gates.py::test_who_made_the_version_never_counts",
            "tests/domain/test_gates.py::test_who_answers_for_a_service_principal_never_counts_either",
            "tests/domain/test_gates.py::test_who_trained_it_never_counts_where_the_policy_says_so",
            "tests/domain/test_gates.py::test_a_registrant_whom_nobody_knows_leaves_the_gate_unproven_with_the_entry_to_add",
            "tests/web/test_webhooks.py::test_who_registered_the_version_does_not_decide_on_it",
        ),
    ),
    Promise(
        "P7",
        "A decision that is forged, replayed, late or about something else is refused.",
        (
            "tests/web/test_webhooks.py::test_every_way_not_to_be_accepted_is_one_and_the_same_answer",
            "tests/web/test_webhooks.py::test_a_re_sent_id_is_answered_byte_for_byte_and_counted_once",
            "tests/web/test_signatures.py::test_a_changed_bit_anywhere_in_the_body_proves_nothing",
            "tests/web/test_signatures.py::test_a_signature_counts_for_five_minutes_to_both_sides",
        ),
    ),
    Promise(
        "P8",
        "Answers at the same time have one winner, who is told so even if the first reply was lost.",
        (
            "tests/workflow/test_record_decision.py::test_approve_and_reject_at_once_have_one_winner",
            "tests/workflow/test_record_decision.py::test_the_winner_is_told_so_even_when_the_first_reply_was_lost",
            "tests/contract/test_histories.py::test_of_eight_writers_at_once_one_wins",
        ),
        (Figure("races.double_winners", "races.rounds"), Figure("races.winners_told_lost", "races.rounds")),
    ),
    Promise(
        "P9",
        "A quorum counts distinct persons, each once.",
        (
            "tests/domain/test_decisions.py::test_one_person_twice_is_one_person",
            "tests/domain/test_decisions.py::test_groups_count_as_they_stood_when_the_person_answered",
            "tests/web/test_commands_api.py::test_a_page_and_a_webhook_of_one_person_count_once",
        ),
    ),
    Promise(
        "P10",
        "State is the fold of a history without gaps.",
        (
            "tests/domain/test_fold.py::test_a_case_is_the_fold_of_its_history",
            "tests/contract/test_histories.py::test_a_stale_head_takes_back_the_rows_that_would_fit",
            "tests/contract/test_histories.py::test_every_row_continues_the_one_before",
        ),
        (
            Figure("crash.broken_histories", _CRASH),
            Figure("storage.broken_histories", _STORAGE),
            Figure("azure_ml.broken_histories", _ML),
        ),
    ),
    Promise(
        "P11",
        "A history that was changed is found offline, and the first bad row named.",
        (
            "tests/cli/test_audit.py::test_a_flipped_byte_is_found_and_its_row_named",
            "tests/cli/test_verify_tampering.py::test_whatever_is_done_to_an_export_is_found",
            "tests/cli/test_verify_tampering.py::test_whatever_is_done_in_the_table_is_found",
            "tests/cli/test_verify_tampering.py::test_untouched_histories_hold_and_what_is_newer_than_the_checkpoint_is_named",
            "tests/cli/test_verify_tampering.py::test_a_large_body_that_was_edited_where_it_is_kept_is_not_at_hand",
            "tests/domain/test_chain.py::test_every_bad_row_is_named_in_order",
            "tests/adapters/test_history_v1.py::test_an_older_copy_is_found_by_the_checkpoint",
            "tests/adapters/test_history_v1.py::test_a_removed_history_is_found_by_the_checkpoint",
            "tests/adapters/test_history_v1.py::test_a_history_chained_anew_is_found_by_the_checkpoint",
        ),
    ),
    Promise(
        "P12",
        "Bad input ends in quarantine with a reason, and can be replayed.",
        (
            "tests/workflow/test_receive_model_event.py::test_what_cannot_be_understood_is_kept_with_its_reason",
            "tests/functions/test_triggers.py::test_what_says_nothing_is_set_aside_and_never_raises",
            "tests/workflow/test_replay_quarantined.py::test_a_corrected_message_is_taken_in_and_the_original_stays",
            "tests/domain/test_strict_json.py::test_any_bytes_are_read_or_refused",
        ),
        (Figure("hostile_input.crashed", "hostile_input.cases"), Figure("hostile_input.hung", "hostile_input.cases")),
    ),
    Promise(
        "P13",
        "Storage that fails delays, and never corrupts.",
        (
            "tests/contract/test_lost_answers.py::test_a_lost_append_is_found_by_its_operation",
            "tests/contract/test_trouble.py::test_an_append_that_was_turned_away_is_tried_later",
            "tests/contract/test_trouble.py::test_an_append_whose_answer_breaks_off_is_decided_again",
        ),
        (Figure("storage.not_converged", _STORAGE),),
    ),
    Promise(
        "P14",
        "A registry that is away for hours loses nothing, and voids no approval.",
        (
            "tests/workflow/test_import_target.py::test_a_registry_that_is_away_for_hours_fills_no_history",
            "tests/workflow/test_import_target.py::test_evidence_that_cannot_be_read_before_the_import_voids_nothing",
            "tests/domain/test_waits.py::test_the_same_case_waits_the_same_and_different_cases_spread",
        ),
        (Figure("azure_ml.not_converged", _ML), Figure("azure_ml.voided_by_machinery", _ML)),
    ),
    Promise(
        "P15",
        "An import whose answer is lost, late or wrong is judged by what the registry holds.",
        (
            "tests/adapters/test_azure_ml_registry.py::test_a_good_import_that_ends_in_confusion_says_that_nothing_is_known",
            "tests/workflow/test_import_target.py::test_an_import_that_lands_late_is_judged_at_its_leases_end_and_not_repeated",
            "tests/workflow/test_import_target.py::test_an_import_that_lands_after_the_promotion_was_stopped_is_a_conflict",
        ),
    ),
    Promise(
        "P16",
        "A registration whose event never came is found.",
        (
            "tests/workflow/test_sweep.py::test_a_missed_event_is_found",
            "tests/workflow/test_sweep.py::test_a_version_registered_anew_is_found_without_an_event",
            "tests/workflow/test_sweep.py::test_a_run_finds_a_bounded_number_and_the_next_goes_on",
        ),
    ),
    Promise(
        "P17",
        "Clocks that differ are borne or refused.",
        (
            "tests/adapters/test_entra_identity.py::test_clocks_may_differ_by_less_than_a_minute",
            "tests/domain/test_decisions.py::test_an_answer_in_the_last_moment_counts",
            "tests/workflow/test_import_target.py::test_a_worker_that_stalled_after_its_re_read_does_not_start",
        ),
    ),
    Promise(
        "P18",
        "A bad configuration is told whole, at once, and loses nothing.",
        (
            "tests/functions/test_triggers.py::test_while_settings_are_faulty_every_trigger_raises_the_list",
            "tests/settings/test_settings.py::test_faults_of_several_settings_come_together",
            "tests/adapters/test_policy_files.py::test_every_fault_of_every_file_is_told_at_once",
        ),
    ),
    Promise(
        "P19",
        "A sender's key changes without losing an answer.",
        (
            "tests/web/test_signatures.py::test_two_keys_live_side_by_side_while_one_replaces_the_other",
            "tests/web/test_webhooks.py::test_a_key_that_was_taken_away_opens_nothing_not_even_a_replay",
        ),
    ),
    Promise(
        "P20",
        "What strangers wrote does nothing on pages, in terminals and in events.",
        (
            "tests/web/test_pages.py::test_hostile_text_stays_text_on_every_page",
            "tests/web/test_pages.py::test_no_page_needs_script_or_style_of_its_own",
            "tests/cli/test_show.py::test_hostile_text_cannot_move_the_terminal",
            "tests/domain/test_explanation.py::test_what_cannot_be_seen_is_spelled_out",
        ),
    ),
    Promise(
        "P21",
        "No secret, token or signature leaves for a log, a history, a URL or a host that is not configured.",
        (
            "tests/faults/test_hostile_input.py::test_every_word_that_is_planted_stands_where_it_belongs_and_nowhere_else",
            "tests/functions/test_triggers.py::test_no_record_of_the_log_holds_what_a_message_says",
            "tests/adapters/test_azure_errors.py::test_no_secret_of_an_answer_is_told",
            "tests/settings/test_settings.py::test_no_fault_quotes_a_secret",
            "tests/adapters/test_azure_ml_hosts.py::test_a_redirect_to_another_host_takes_no_token_along",
            "tests/adapters/test_azure_ml_hosts.py::test_a_next_link_to_another_host_is_not_followed",
            "tests/adapters/test_storage_queue.py::test_a_queue_out_of_reach_is_unreadable_and_no_key_is_shown",
        ),
    ),
    Promise(
        "P22",
        "Histories of every released version are read for ever.",
        (
            "tests/adapters/test_history_v1.py::test_promotions_of_the_first_release_fold",
            "tests/adapters/test_history_v1.py::test_the_first_release_is_verified_whole",
            "tests/adapters/test_event_codec.py::test_a_body_of_an_older_version_is_lifted_one_version_at_a_time",
        ),
    ),
)
