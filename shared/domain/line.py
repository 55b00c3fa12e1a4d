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


def champions_before(rows: Iterable[Recorded], champion: Champion) -> frozenset[str]:
    """The promotions that a line pointed at before `champion` was first its champion; none where it never was."""
    pointed_at = [row.event.champion.promotion for row in rows if isinstance(row.event, ChampionChanged)]
    first = pointed_at.index(champion.promotion) if champion.promotion in pointed_at else 0
    return frozenset(pointed_at[:first])


def promote(
    champion: Champion | None,
    evaluation: Evaluation,
    target: Target,
    round_: int,
    earlier: frozenset[str] = frozenset(),
) -> LineEvent:
    """What a promoted target does to its line: champion, unless somebody else became it since the round began.

    Args:
        champion: of this line now.
        evaluation: that people approved, with the champion that it was compared with.
        target: what was promoted.
        round_: whose approvals let it through.
        earlier: promotions that were champion before the one compared with: a line that was left out for a while, as
            its target was given up, may still point at one of them.
    """
    frozen = evaluation.champion.promotion if evaluation.champion else None
    if champion is not None and champion.promotion not in {frozen, evaluation.promotion, *earlier}:
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
