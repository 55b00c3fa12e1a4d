"""How a line may move: told from its rows and the evaluations of the promotions that moved it."""

from collections.abc import Iterator, Mapping, Sequence

from shared.domain.evaluation import Evaluation
from shared.domain.events import ChampionChanged, Recorded, VersionListed
from shared.domain.evidence import Champion
from shared.domain.ids import PromotionId


def judge_line(rows: Sequence[Recorded], evaluations: Mapping[tuple[PromotionId, int], Evaluation]) -> Iterator[str]:
    """What is wrong with the last of `rows`, as sentences."""
    last, champion = rows[-1], _champion(rows[:-1])
    if not isinstance(last.event, ChampionChanged):
        if not isinstance(last.event, VersionListed):
            yield f"a line holds a {type(last.event).__name__}"
        return
    new = last.event.champion
    evaluation = evaluations.get((PromotionId.parse(new.promotion), new.round))
    if evaluation is None:
        yield f"{new.promotion} became champion in round {new.round}, which never was"
        return
    if (new.digest, new.metrics) != (evaluation.digest, evaluation.facts.metrics):
        yield f"{new.promotion} became champion by another evaluation than that of round {new.round}"
    frozen = evaluation.champion.promotion if evaluation.champion else None
    if champion is not None and champion.promotion not in (frozen, new.promotion):
        yield f"{new.promotion} became champion over {champion.promotion}, though compared with {frozen}"
    if last.event.previous != (champion.target.version if champion else None):
        yield f"{new.promotion} became champion after {last.event.previous}, before it was {champion}"


def _champion(rows: Sequence[Recorded]) -> Champion | None:
    champions = [row.event.champion for row in rows if isinstance(row.event, ChampionChanged)]
    return champions[-1] if champions else None
