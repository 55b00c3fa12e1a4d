"""`clearance webhook send`: signed as the app verifies it, counted once, the key never on the command line."""

import json

from tests.cli.conftest import Shell

PROMOTION = "risk-dev:fraud-detector:7"
SEND = ("webhook", "send", PROMOTION, "--sender", "pipeline")
AMIR = ("--as", "amir.approver@contoso.com")


def approve(shell: Shell, *more: str) -> tuple[str, ...]:
    return (*SEND, *AMIR, "--approve", "--evaluation", shell.front.world.digest(), *more)


def test_an_approval_counts(shell: Shell) -> None:
    shell.front.asked()

    sent = shell.run(*approve(shell, "--comment", "Looks right."), person=None)

    assert sent.exit_code == 0, sent.stderr
    assert sent.stdout == f"{PROMOTION}  awaiting_approval  1 of 2 approvals\n"


def test_the_same_id_counts_once_and_another_verdict_under_it_is_refused(shell: Shell) -> None:
    shell.front.asked()
    first = shell.run(*approve(shell, "--id", "msg1", "-o", "json"))
    again = shell.run(*approve(shell, "--id", "msg1", "-o", "json"))
    altered = shell.run(*SEND, *AMIR, "--reject", "--evaluation", shell.front.world.digest(), "--id", "msg1")

    assert json.loads(first.stdout) == json.loads(again.stdout)
    assert altered.exit_code == 1
    assert "replay_mismatch" in altered.stderr


def test_without_a_digest_the_current_one_is_asked_for_and_said(shell: Shell) -> None:
    shell.front.asked()

    sent = shell.run(*SEND, *AMIR, "--reject", "--comment", "Not yet.")

    assert sent.exit_code == 0, sent.stderr
    assert shell.front.world.digest() in sent.stderr
    assert "rejected" in sent.stdout


def test_without_digest_or_token_it_says_what_is_missing(shell: Shell) -> None:
    sent = shell.run(*SEND, *AMIR, "--approve", person=None)

    assert sent.exit_code == 2
    assert "--evaluation" in sent.stderr
    assert "CLEARANCE_TOKEN" in sent.stderr


def test_a_wrong_key_is_refused(shell: Shell) -> None:
    shell.front.asked()

    sent = shell.run(*approve(shell), CLEARANCE_WEBHOOK_KEY="whsec_" + "c2VjcmV0" * 4)

    assert sent.exit_code == 1
    assert "signature_not_accepted" in sent.stderr


def test_no_key_and_a_key_of_the_wrong_form_are_faults_of_usage_that_quote_nothing(shell: Shell) -> None:
    shell.front.asked()
    missing = shell.run(*approve(shell), CLEARANCE_WEBHOOK_KEY=None)
    malformed = shell.run(*approve(shell), CLEARANCE_WEBHOOK_KEY="hunter2")

    assert (missing.exit_code, malformed.exit_code) == (2, 2)
    assert "CLEARANCE_WEBHOOK_KEY" in missing.stderr
    assert "hunter2" not in malformed.output


def test_a_verdict_must_be_named(shell: Shell) -> None:
    assert shell.run(*SEND, *AMIR).exit_code == 2


def test_fields_of_the_release_record_go_with_the_decision(shell: Shell) -> None:
    shell.front.asked()

    sent = shell.run(*approve(shell, "--record", "rollback_path=redeploy 6", "--limitations", "cards only"))
    decision = shell.front.get("/api/promotions/risk-dev/fraud-detector/7").json()["decisions"][0]

    assert sent.exit_code == 0, sent.stderr
    assert decision["release_record"] == {"rollback_path": "redeploy 6"}
    assert decision["limitations"] == "cards only"
    assert shell.run(*approve(shell, "--record", "rollback_path")).exit_code == 2
