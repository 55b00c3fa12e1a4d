"""Every guard that a promise rests on, with the one change that switches it off and the test that notices."""

from local.mutants.claim_guards import CLAIM_GUARDS
from local.mutants.decision_guards import DECISION_GUARDS
from local.mutants.evidence_guards import EVIDENCE_GUARDS
from local.mutants.history_guards import HISTORY_GUARDS
from local.mutants.import_guards import IMPORT_GUARDS
from local.mutants.input_guards import INPUT_GUARDS
from local.mutants.loop_guards import LOOP_GUARDS
from local.mutants.mutant import Guard
from local.mutants.policy_guards import POLICY_GUARDS
from local.mutants.replay_guards import REPLAY_GUARDS
from local.mutants.restore_guards import RESTORE_GUARDS
from local.mutants.sender_guards import SENDER_GUARDS

GUARDS: tuple[Guard, ...] = (
    *HISTORY_GUARDS,
    *DECISION_GUARDS,
    *CLAIM_GUARDS,
    *IMPORT_GUARDS,
    *LOOP_GUARDS,
    *SENDER_GUARDS,
    *INPUT_GUARDS,
    *POLICY_GUARDS,
    *EVIDENCE_GUARDS,
    *REPLAY_GUARDS,
    *RESTORE_GUARDS,
)


def guard(name: str) -> Guard:
    """The guard of that name."""
    return next(each for each in GUARDS if each.name == name)
