"""`clearance show` and `clearance history`: what the API says, readable at 80 columns, safe for a terminal."""

import json

from shared.domain.run_digest import run_digest
from tests.cli.conftest import Shell
from tests.domain.evidence_makers import a_run, tags

PROMOTION = "risk-dev:fraud-detector:7"


def test_a_version_that_is_held_back_is_shown_with_reason_and_command(shell: Shell) -> None:
    shell.front.world.register(tags={})
    shell.front.world.work()

    shown = shell.run("show", PROMOTION)

    assert shown.exit_code == 0, shown.stderr
    assert shown.stdout.startswith(f"{PROMOTION}  waiting\n")
    assert "unproven  tag:owner" in shown.stdout
    assert "az ml model update" in shown.stdout


def test_what_waits_for_answers_names_digest_quorum_and_targets(shell: Shell) -> None:
    shell.front.asked()

    shown = shell.run("show", PROMOTION).stdout

    assert f"digest: {shell.front.world.digest()}" in shown
    assert "Approvals: 0 of 2" in shown
    assert "contoso-shared" in shown
    assert "run: made by dana.submitter@contoso.com in run evaluate-7, 2026-02-27 12:00:00Z\n" in shown
    assert f"    SHA-256 {run_digest(a_run(), {})}\n" in shown


def test_json_is_the_apis_own_document(shell: Shell) -> None:
    shell.front.asked()

    shown = json.loads(shell.run("show", PROMOTION, "--output", "json").stdout)

    assert shown == shell.front.get("/api/promotions/risk-dev/fraud-detector/7").json()


def test_hostile_text_cannot_move_the_terminal(shell: Shell) -> None:
    shell.front.world.register(registrant="\x1b[2J\u202eevil")
    shell.front.world.work()

    table = shell.run("show", PROMOTION).stdout
    as_json = shell.run("show", PROMOTION, "-o", "json").stdout

    assert "\\u{001B}" in table
    assert not {"\x1b", "\u202e"} & set(table + as_json)


def test_history_lists_the_rows_of_a_promotion(shell: Shell) -> None:
    shell.front.asked()

    rows = shell.run("history", PROMOTION).stdout.splitlines()

    assert rows[1].split()[0] == "1"
    assert any("ApprovalRequested" in row for row in rows)
    assert all(len(row) <= 80 for row in rows)


def test_history_without_a_promotion_is_the_timeline(shell: Shell) -> None:
    shell.front.asked()

    everything = shell.run("history", "--model", "fraud-detector", "--limit", "1")

    assert everything.exit_code == 0, everything.stderr
    assert f"promotion:{PROMOTION} #" in everything.stdout
    cursor = everything.stdout.strip().rpartition("--cursor ")[2]
    older = shell.run("history", "--model", "fraud-detector", "--limit", "1", "--cursor", cursor)
    assert older.exit_code == 0
    assert older.stdout != everything.stdout


def test_filters_do_not_go_with_a_promotion(shell: Shell) -> None:
    assert shell.run("history", PROMOTION, "--model", "x").exit_code == 2


def test_the_release_record_shows_who_said_what_and_what_is_missing(shell: Shell) -> None:
    shell.front.world.register(tags=tags(scope=None))
    shell.front.world.work()
    shell.front.world.answer(release_record={"rollback_path": "none"}, limitations="not for loans")

    shown = shell.run("show", PROMOTION).stdout

    assert "missing       scope" in shown
    assert "contradictory rollback_path\n                tag: version 6\n                amir.approver: none" in shown
    assert "limitations\n                amir.approver: not for loans" in shown


def test_what_waits_says_for_which_run_and_how_to_look_again_or_give_up(shell: Shell) -> None:
    shell.front.world.register(tags=tags(evaluation_run="evaluate-later"))
    shell.front.world.work()

    shown = shell.run("show", PROMOTION).stdout

    assert "waits for the end of run evaluate-later" in shown
    assert f"clearance look-again {PROMOTION}" in shown
    assert f"clearance give-up {PROMOTION} --comment" in shown


def test_waiting_is_given_up_and_taken_up_again(shell: Shell) -> None:
    shell.front.world.register(tags=tags(owner=None))
    shell.front.world.work()

    given_up = shell.run("give-up", PROMOTION, "--comment", "The owner has left.", person="olu.operator")
    again = shell.run("give-up", PROMOTION, "--comment", "Once more.", person="olu.operator")
    opened = shell.run("look-again", PROMOTION, person="olu.operator")

    assert (given_up.exit_code, given_up.stdout) == (0, f"{PROMOTION}  withdrawn\n")
    assert (again.exit_code, "not_waiting" in again.stderr) == (1, True)
    assert (opened.exit_code, opened.stdout) == (0, f"{PROMOTION}  received\n")


def test_who_gives_up_says_why(shell: Shell) -> None:
    assert shell.run("give-up", PROMOTION).exit_code == 2


def test_only_who_may_tells_a_promotion_something(shell: Shell) -> None:
    shell.front.asked()

    refused = shell.run("look-again", PROMOTION, person="ana.auditor")

    assert (refused.exit_code, "no_role" in refused.stderr) == (1, True)
