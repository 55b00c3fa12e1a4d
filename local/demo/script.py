"""The steps of the demo, in order."""

from local.demo.decision_steps import (
    forged_signature_refused,
    quorum_counted,
    replay_refused,
    self_approval_refused,
)
from local.demo.evaluation_steps import blocked_with_reasons, fixed_and_reevaluated, trained_and_registered
from local.demo.governance_steps import approval_voided, exception_recorded, shadow_mode_shown
from local.demo.history_steps import history_verified
from local.demo.message_steps import (
    duplicates_and_disorder_harmless,
    events_published,
    missed_event_found,
    poison_quarantined_and_replayed,
)
from local.demo.promotion_steps import (
    bring_registry_back,
    conflict_found,
    promoted_to_both_registries,
    read_back_with_sdk,
    registry_outage_survived,
)
from local.demo.stage import Step

STEPS = (
    Step("trained-and-registered", trained_and_registered),
    Step("blocked-with-reasons", blocked_with_reasons),
    Step("fixed-and-reevaluated", fixed_and_reevaluated),
    Step("self-approval-refused", self_approval_refused),
    Step("forged-signature-refused", forged_signature_refused),
    Step("replay-refused", replay_refused),
    Step("quorum-counted", quorum_counted),
    Step("registry-outage-survived", registry_outage_survived, bring_registry_back),
    Step("promoted-to-both-registries", promoted_to_both_registries),
    Step("read-back-with-sdk", read_back_with_sdk),
    Step("conflict-found", conflict_found),
    Step("shadow-mode-shown", shadow_mode_shown),
    Step("exception-recorded", exception_recorded),
    Step("approval-voided", approval_voided),
    Step("duplicates-and-disorder-harmless", duplicates_and_disorder_harmless),
    Step("missed-event-found", missed_event_found),
    Step("poison-quarantined-and-replayed", poison_quarantined_and_replayed),
    Step("events-published", events_published),
    Step("history-verified", history_verified),
)
