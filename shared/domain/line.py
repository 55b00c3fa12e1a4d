"""A line: one model name in one registry, and the version it points at."""

from collections.abc import Iterable

from shared.domain.errors import InvalidId
from shared.domain.evaluation import Evaluation
from shared.domain.events import ChampionChanged, LineEvent, Recorded, VersionListed
from shared.domain.evidence import Champion
from shared.domain.ids import Target


def champion_of(rows: Iterable[Recorded]) -> Champion | None:
    """The fold of a line's history: its champion, None before the first promotion.

    Raises:
        InvalidId: a row belongs to a promotion.
    """
    champion = None
    for row in rows:
        if not isinstance(row.event, LineEvent):
            raise InvalidId("line event", type(row.event).__name__, "VersionListed or ChampionChanged")
        champion = row.event.champion if isinstance(row.event, ChampionChanged) else champion
    return champion


def promote(champion: Champion | None, evaluation: Evaluation, target: Target, round_: int) -> LineEvent:
    """What a promoted target does to its line: champion, unless somebody else became it since the round began."""
    frozen = evaluation.champion.promotion if evaluation.champion else None
    if champion is not None and champion.promotion not in (frozen, evaluation.promotion):
        return VersionListed(target, evaluation.promotion)
    new = Champion(
        promotion=evaluation.promotion,
        target=target,
        round=round_,
        digest=evaluation.digest,
        metrics=evaluation.facts.metrics,
        dataset=evaluation.facts.dataset,
        taken=evaluation.facts.taken,
    )
    return ChampionChanged(new, champion.target.version if champion else None)
