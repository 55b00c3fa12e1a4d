"""Every guard that a promise rests on, with the one change that switches it off."""

from local.mutants.mutant import Guard

GUARDS = (
    Guard(
        name="signature",
        file="shared/web/signatures.py",
        old="    return webhook if signed and timely and keys else None\n",
        new="    return webhook if timely and keys else None\n",
        test="tests/web/test_webhook.py",
    ),
    Guard(
        name="self-approval",
        file="shared/domain/decisions.py",
        old="    if decision.person in rules.excluded:\n",
        new="    if False:\n",
        test="tests/workflow/test_record_decision.py::test_who_registered_the_version_does_not_count",
    ),
    Guard(
        name="read-back",
        file="shared/workflow/import_target.py",
        old="    found = _judged(handling.case, intent.target, held)\n",
        new='    found = Equal("unread", ()) if own else _judged(handling.case, intent.target, held)\n',
        test="tests/workflow/test_import_target.py::test_an_import_that_failed_is_started_again_only_after_its_lease",
    ),
    Guard(
        name="sweep",
        file="shared/workflow/sweep.py",
        old="            outside.queue.send(work.promotion)\n",
        new="",
        test="tests/workflow/test_sweep.py::test_a_message_that_was_lost_is_made_good_by_the_sweep",
    ),
)


def guard(name: str) -> Guard:
    """The guard of that name."""
    return next(each for each in GUARDS if each.name == name)
