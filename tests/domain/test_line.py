"""A line points at one version, and lets go of it only for one that was compared with it (design, words: line)."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from shared.domain.errors import InvalidId
from shared.domain.events import ChampionChanged, Expired, LineEvent, Recorded, VersionListed
from shared.domain.evidence import Champion
from shared.domain.ids import Target
from shared.domain.line import champion_of, champions_before, promote
from tests.domain.evidence_makers import a_champion, an_evaluation

TARGET = Target("contoso-shared", "fraud-detector", "7")


def rows(*events: LineEvent | Expired) -> tuple[Recorded, ...]:
    at = datetime(2026, 3, 1, tzinfo=UTC)
    return tuple(Recorded(n, at, f"op-{n}", "clearance", event, "", "") for n, event in enumerate(events, 1))


def champion(version: str) -> Champion:
    found = a_champion()
    return replace(found, promotion=f"risk-dev:fraud-detector:{version}", target=replace(found.target, version=version))


def test_a_line_without_a_promotion_has_no_champion() -> None:
    assert champion_of(()) is None


def test_the_last_change_is_the_champion_whatever_was_listed_since() -> None:
    listed = VersionListed(TARGET, "risk-dev:fraud-detector:5")
    history = rows(ChampionChanged(champion("4"), None), ChampionChanged(champion("6"), "4"), listed)

    assert champion_of(history) == champion("6")


def test_an_event_of_a_promotion_has_no_place_in_a_line() -> None:
    with pytest.raises(InvalidId, match="Expired"):
        champion_of(rows(Expired(1, "a" * 64)))


def test_the_first_promoted_version_becomes_champion() -> None:
    changed = promote(None, an_evaluation(), TARGET, 1)

    assert isinstance(changed, ChampionChanged)
    assert changed.champion.promotion == "risk-dev:fraud-detector:7"
    assert changed.champion.metrics["auc"] == "0.94"
    assert changed.previous is None


def test_a_version_follows_the_champion_that_it_was_compared_with() -> None:
    changed = promote(champion("6"), an_evaluation(champion=champion("6")), TARGET, 1)

    assert isinstance(changed, ChampionChanged)
    assert changed.previous == "6"


def test_a_version_is_only_listed_where_another_became_champion_meanwhile() -> None:
    listed = promote(champion("8"), an_evaluation(champion=champion("6")), TARGET, 1)

    assert listed == VersionListed(TARGET, "risk-dev:fraud-detector:7")


def test_a_line_that_a_version_was_kept_out_of_goes_on_with_the_next() -> None:
    """6 was given up for this registry, so its line still points at 5; 7 was compared with 6, which followed 5."""
    compared = rows(ChampionChanged(champion("5"), None), ChampionChanged(champion("6"), "5"))
    before = champions_before(compared, champion("6"))

    changed = promote(champion("5"), an_evaluation(champion=champion("6")), TARGET, 1, before)

    assert isinstance(changed, ChampionChanged)
    assert changed.previous == "5"


def test_who_followed_the_one_compared_with_came_before_nobody() -> None:
    compared = rows(
        ChampionChanged(champion("5"), None), ChampionChanged(champion("6"), "5"), ChampionChanged(champion("8"), "6")
    )

    assert champions_before(compared, champion("6")) == {"risk-dev:fraud-detector:5"}
    assert champions_before(compared, champion("5")) == frozenset()
    assert champions_before(compared, champion("1")) == frozenset()
