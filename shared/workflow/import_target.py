"""Import one target: read it, re-read the candidate, announce, share, read back and judge (R8)."""

from datetime import datetime

from shared.domain import commands
from shared.domain.commands import Absent, Different, Equal, Found, StartImport
from shared.domain.decide import is_unchanged
from shared.domain.errors import CommandRefused, HistoryClash, PortError, Refused, Unreadable
from shared.domain.evidence import RegistryVersion
from shared.domain.ids import Target
from shared.domain.imports import judged_by
from shared.domain.provenance import compare, is_ours, marker
from shared.domain.redacted import redacted
from shared.domain.states import Case, Intent
from shared.domain.visible import visible
from shared.ports import Claim
from shared.workflow.claim_place import claim_place
from shared.workflow.examine import examine
from shared.workflow.handling import Handling
from shared.workflow.trouble import count_try, source_failed, target_failed, target_works

_JUDGED = 8  # how often what was read back is judged again after losing a race
_NOT_LANDED = ("import_not_landed", "The import ended, but the registry does not hold the version.")


def import_target(handling: Handling, registry: str) -> bool:
    """Start the import if the target is absent and the approved digest still holds; whether something was appended."""
    try:
        return _import(handling, registry)
    except HistoryClash:
        return True  # somebody appended meanwhile: what was read is read again under what stands there now


def _import(handling: Handling, registry: str) -> bool:
    target = handling.case.targets[registry].target
    try:
        held = handling.outside.registry.read(target)
    except PortError as error:
        return target_failed(handling, registry, error)
    reread_at = handling.outside.clock.now()
    try:
        examined = examine(handling.outside, handling.case)
    except PortError as error:
        return source_failed(handling, error)
    if examined is None:
        return handling.record_reading(commands.RecordSourceGone())
    if examined.digest is None or not is_unchanged(handling.case, examined.digest):
        return handling.record_reading(examined.command)  # another digest, incarnation or policy voids the round
    if held is not None:
        return _present(handling, target, held)
    return _start(handling, target, examined.digest, reread_at)


def _start(handling: Handling, target: Target, digest: str, reread_at: datetime) -> bool:
    """The place is free: make sure that it is ours to fill, announce, and share."""
    registry = target.registry
    try:
        holder = _claimed(handling, target)
    except PortError as error:
        return target_failed(handling, registry, error)
    if holder.promotion != handling.promotion:
        return handling.record_reading(commands.RecordClaimed(registry, str(holder.promotion)))
    return _announced(handling, registry, digest, reread_at) and _share(handling, registry, reread_at)


def _claimed(handling: Handling, target: Target) -> Claim:
    """The claim on the place, taken again where it was let go: a target given up and retried has none (R7)."""
    case = handling.case
    if case.incarnation is None:
        raise ValueError(f"{case.id} was never registered: nothing of it can be claimed.")
    wanted = Claim(case.id, case.incarnation, case.round)
    if handling.outside.claims.read(target) == wanted:  # as nearly always: one round trip, where taking it costs two
        return wanted
    return claim_place(handling.outside, target, wanted)


def _present(handling: Handling, target: Target, held: RegistryVersion) -> bool:
    """There already: ours if it is equal and carries our mark, else a conflict (R8.1)."""
    found = _judged(handling.case, target, held)
    if isinstance(found, Absent) or handling.case.incarnation is None:
        raise ValueError(f"{target} was read as present and judged absent.")
    ours = is_ours(held.marker, handling.promotion, handling.case.incarnation)
    return handling.record_reading(commands.RecordPresent(target.registry, found, ours))


def _announced(handling: Handling, registry: str, digest: str, reread_at: datetime) -> bool:
    outside = handling.outside
    try:
        return handling.record_reading(StartImport(registry, outside.worker, outside.new_id(), digest, reread_at))
    except CommandRefused:
        return False  # somebody stopped the promotion meanwhile, or was faster: the next look sees what they did


def _share(handling: Handling, registry: str, reread_at: datetime) -> bool:
    """Call the service on its own thread, and judge what it left, whatever it answered."""
    intent = handling.case.targets[registry].intent
    if intent is None:
        return True
    if not _may_still_start(handling, intent, reread_at):
        return True  # too late for this lease: it ends unused, and is read back like any other
    call = _Share(handling, intent)
    if not handling.outside.call_apart(call, handling.outside.waits.import_deadline):
        handling.record(commands.LeaveRunning(registry, intent.lease))
        return True
    return read_back(handling, registry, own=True, error=call.error)


def _may_still_start(handling: Handling, intent: Intent, reread_at: datetime) -> bool:
    now = handling.outside.clock.now()
    waits = handling.outside.waits
    return now - reread_at <= waits.reread_max_age and intent.ends_at - now >= waits.lease_needed


class _Share:
    """The blocking call. One that is left behind appends nothing: it only ever holds its own error."""

    def __init__(self, handling: Handling, intent: Intent) -> None:
        self.error: tuple[str, str] | None = None
        self._registry = handling.outside.registry
        self._promotion = handling.promotion
        self._target = intent.target

    def __call__(self) -> None:
        try:
            self._registry.share(self._promotion, self._target)
        except PortError as error:
            self.error = (error.code, str(error))
        except Exception as error:  # noqa: BLE001 - the read-back judges, whatever the SDK raised; it is recorded
            said = visible(redacted(str(error)))
            self.error = ("import_unknown", f"The import ended with {type(error).__name__}: {said}")


def read_back(handling: Handling, registry: str, *, own: bool = False, error: tuple[str, str] | None = None) -> bool:
    """Read the target and judge what the announced import left (R8.5, R9); whether something was appended.

    Args:
        handling: the promotion.
        registry: whose target.
        own: whether this worker holds the lease and its call has just ended.
        error: what that call raised, as (code, sentence).
    """
    intent = handling.case.targets[registry].intent
    if intent is None:
        return False
    try:
        held = handling.outside.registry.read(intent.target)
    except PortError as trouble:
        return target_failed(handling, registry, trouble)
    if held is None:
        count_try(handling, registry, PortError(*(error or _NOT_LANDED)))
    else:
        target_works(handling, registry)
    recorded = _judge_read_back(handling, intent, held, own=own, error=error)
    if not recorded and _lost(handling, registry, intent):
        now = handling.outside.clock.now()
        handling.outside.worklist.ask(handling.promotion, now, now)
    return recorded


def _judge_read_back(
    handling: Handling, intent: Intent, held: RegistryVersion | None, *, own: bool, error: tuple[str, str] | None
) -> bool:
    """Judge by what stands in the history, anew after each append of others: another round may ask for other files."""
    registry = intent.target.registry
    for _ in range(_JUDGED):
        if _lost(handling, registry, intent):
            return False
        facts = handling.evaluation_of(judged_by(handling.case, registry)).facts
        found: Found = compare(intent.target, facts, held) if held else Absent()
        try:
            return handling.record_reading(commands.RecordReadBack(registry, intent.lease, found, own, error))
        except HistoryClash:
            continue
    raise Unreadable("history_busy", f"Too many others are writing to {handling.promotion}; it is tried again.", 1)


def _lost(handling: Handling, registry: str, intent: Intent) -> bool:
    """Whether the intent is no longer the current one: somebody else took over (R9)."""
    target = handling.case.targets.get(registry)  # None once the policy has dropped what was judged
    return target is None or target.intent is None or target.intent.lease != intent.lease


def mark(handling: Handling, registry: str) -> bool:
    """Write provenance tags on what was promoted (R8.6); whether something was appended."""
    target = handling.case.targets[registry]
    outside = handling.outside
    try:
        outside.registry.mark(target.target, marker(handling.case, target, outside.version))
    except PortError as error:
        if isinstance(error, Refused):
            return handling.record(commands.RecordMark(registry, False, str(error)))
        return target_failed(handling, registry, error)
    target_works(handling, registry)
    return handling.record(commands.RecordMark(registry, True, "Provenance tags were written."))


def _judged(case: Case, target: Target, held: RegistryVersion | None) -> Found:
    """Compare with the facts that were approved, frozen in the evaluation."""
    if held is None:
        return Absent()
    if case.evaluation is None:
        raise ValueError(f"{case.id} was never evaluated: {target} cannot be judged.")
    found: Equal | Different = compare(target, case.evaluation.facts, held)
    return found
