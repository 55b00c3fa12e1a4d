"""Record what a person tells the machinery to do, and wake it: no registry work happens here (design §9.6)."""

from shared.domain.commands import GiveUpTarget, GiveUpWaiting, RequestReevaluation, RetryTarget, Withdraw
from shared.domain.errors import CommandRefused
from shared.domain.ids import PromotionId
from shared.domain.looks import Attempts
from shared.domain.traces import Step
from shared.workflow.handling import Handling
from shared.workflow.outside import Outside

Instruction = RequestReevaluation | Withdraw | GiveUpWaiting | RetryTarget | GiveUpTarget


def instruct(outside: Outside, promotion: PromotionId, command: Instruction, *, operation: str, actor: str) -> str:
    """Record the instruction and send the promotion's message; returns the status it leads to.

    Args:
        outside: the ports.
        promotion: whose case.
        command: what is wanted.
        operation: the id of this wish; the same id again changes nothing.
        actor: the person's id.

    Raises:
        CommandRefused: `unknown_promotion`, or what the rules say.
        Unreadable: the store cannot be reached.
    """
    if promotion.workspace not in outside.workspaces:
        known = ", ".join(sorted(outside.workspaces))
        raise CommandRefused(
            "unknown_promotion", f"{promotion.workspace!r} is no governed workspace; these are: {known}."
        )
    with outside.telemetry.step(Step.INSTRUCTION, promotion, command=type(command).__name__):
        handling = Handling.of_history(outside, promotion)
        if not handling.history.sequence and not isinstance(command, RequestReevaluation):
            raise CommandRefused("unknown_promotion", f"{promotion} is not known.")
        handling.record(command, operation, actor)
        now = outside.clock.now()
        if isinstance(command, RequestReevaluation):
            outside.worklist.ask(promotion, now, now)
        if isinstance(command, RetryTarget):
            _forget_backoff(outside, promotion, command.registry)
        outside.queue.send(promotion)
    return handling.case.status


def _forget_backoff(outside: Outside, promotion: PromotionId, registry: str) -> None:
    """A person who asks for a retry does not wait for the backoff."""
    work = outside.worklist.get(promotion)
    if work is not None:
        looks = work.looks.with_target(registry, Attempts())
        outside.worklist.save(promotion, looks, outside.clock.now(), work.etag)
