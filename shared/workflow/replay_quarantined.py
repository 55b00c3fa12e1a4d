"""Replay a quarantined message, as it is or corrected by an operator; the original stays (invariant 10)."""

from dataclasses import dataclass
from hashlib import sha256

from shared.domain.errors import CommandRefused, DocumentInvalid, InvalidId
from shared.domain.ids import PromotionId
from shared.domain.model_events import read_model_events, reasons_in
from shared.domain.visible import quoted
from shared.ports import Quarantined
from shared.workflow.outside import Outside
from shared.workflow.receive_model_event import announced, ask_for_look


@dataclass(frozen=True, slots=True)
class ReplayOutcome:
    """What a replay led to. `digest` is the SHA-256 of what was replayed."""

    id: str
    digest: str
    promotions: tuple[str, ...]


def replay_quarantined(outside: Outside, id: str, *, by: str, body: bytes | None) -> ReplayOutcome:
    """Take the message in again.

    Args:
        outside: the ports.
        id: which quarantined message.
        by: the operator's person id.
        body: a corrected message, or None for the message as it came. A poison queue's message is replayed as it is.

    Raises:
        CommandRefused: `unknown_quarantined`, `still_invalid` (with every fault), or `not_correctable`.
    """
    kept = outside.quarantine.get(id)
    if kept is None:
        raise CommandRefused("unknown_quarantined", f"Nothing is quarantined under {quoted(id)}.")
    if body is not None and kept.source.endswith("-poison"):
        raise CommandRefused("not_correctable", "A message of a poison queue is replayed as it is; send no body.")
    replayed = kept.body if body is None else body
    promotions = _promotions(outside, kept, replayed)
    for promotion in promotions:
        ask_for_look(outside, promotion)
    digest = sha256(replayed).hexdigest()
    outside.quarantine.note_replay(id, outside.clock.now(), by, digest)
    return ReplayOutcome(id, digest, tuple(str(promotion) for promotion in promotions))


def _promotions(outside: Outside, kept: Quarantined, body: bytes) -> tuple[PromotionId, ...]:
    try:
        read = (
            (PromotionId.parse(body.decode("utf-8", "replace").strip()),)
            if kept.source.startswith("promotions")
            else read_model_events(body, outside.topics)
        )
    except (DocumentInvalid, InvalidId) as fault:
        raise CommandRefused("still_invalid", str(fault)) from fault
    if faults := reasons_in(read):
        raise CommandRefused("still_invalid", faults)
    return announced(outside, read)
