"""The trace of a promotion: one for all that is done about it, whoever woke the machinery, and however often.

Its ids follow from the promotion's, so no message, row or header has to carry them over queues and days (R2), and
anybody can say which trace to look for. Ids as in W3C Trace Context, https://www.w3.org/TR/trace-context/#traceparent-header.
"""

from enum import StrEnum
from hashlib import sha256

from shared.domain.ids import PromotionId


class Step(StrEnum):
    """What is done about a promotion, as its trace names it."""

    INTAKE = "intake"
    ADVANCE = "advance"
    LOOK = "look"
    EXPIRE = "expire"
    IMPORT = "import"
    READ_BACK = "read_back"
    MARK = "mark"
    RELAY = "relay"
    DECISION = "decision"
    INSTRUCTION = "instruction"


def trace_id(promotion: PromotionId) -> str:
    """32 lower-case hex digits."""
    return _digest(promotion)[:32]


def root_span_id(promotion: PromotionId) -> str:
    """16 lower-case hex digits: the parent of every step. No span has it, for no moment is the first one for sure."""
    return _digest(promotion)[32:48]


def _digest(promotion: PromotionId) -> str:
    return sha256(f"clearance:{promotion}".encode()).hexdigest()
