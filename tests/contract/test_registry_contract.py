"""Registry: what every adapter promises."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from shared.domain.errors import Refused, Unreadable
from shared.domain.ids import PromotionId, Target
from tests.contract.azure_ml_worlds import REGISTRY, WORKSPACE, World, world

PROMOTION = PromotionId(WORKSPACE, "churn", "3")
TARGET = Target(REGISTRY, "churn", "3")
MARKER = {"clearance_promotion": str(PROMOTION), "clearance_round": "1"}


@pytest.fixture(params=["memory", "emulator"])
def azure_ml(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[World]:
    with world(request.param, tmp_path) as found:
        yield found


def test_what_nobody_imported_is_none(azure_ml: World) -> None:
    assert azure_ml.registry.read(TARGET) is None


def test_an_import_brings_type_flavors_and_files_and_no_mark(azure_ml: World) -> None:
    azure_ml.register(PROMOTION, {"a": "1", "b/c": "22"}, {"owner": "ann"})
    azure_ml.registry.share(PROMOTION, TARGET)
    source, landed = azure_ml.catalog.read(PROMOTION), azure_ml.registry.read(TARGET)
    assert source is not None
    assert landed is not None
    assert (landed.asset_type, landed.flavors, landed.artifacts) == (
        source.asset_type,
        source.flavors,
        source.artifacts,
    )
    assert landed.marker == {}


def test_an_import_never_replaces(azure_ml: World) -> None:
    azure_ml.register(PROMOTION, {"a": "1"}, {})
    azure_ml.put_in_registry(TARGET, {"other": "2"})
    with pytest.raises(Refused):
        azure_ml.registry.share(PROMOTION, TARGET)
    found = azure_ml.registry.read(TARGET)
    assert found is not None
    assert [file.path for file in found.artifacts or ()] == ["other"]


def test_an_import_of_nothing_leaves_nothing(azure_ml: World) -> None:
    with pytest.raises((Refused, Unreadable)):
        azure_ml.registry.share(PROMOTION, TARGET)
    assert azure_ml.registry.read(TARGET) is None


def test_marks_are_read_back_and_take_the_place_of_what_stood_in_our_name(azure_ml: World) -> None:
    azure_ml.put_in_registry(TARGET, {"a": "1"})
    azure_ml.registry.mark(TARGET, {"clearance_forged": "1", "Clearance_Digest": "2"})
    azure_ml.registry.mark(TARGET, MARKER)
    found = azure_ml.registry.read(TARGET)
    assert found is not None
    assert found.marker == MARKER


def test_marks_that_are_not_taken_are_refused(azure_ml: World) -> None:
    azure_ml.put_in_registry(TARGET, {"a": "1"})
    azure_ml.refuse_marks()
    with pytest.raises(Refused):
        azure_ml.registry.mark(TARGET, MARKER)


def test_there_is_nothing_to_mark(azure_ml: World) -> None:
    with pytest.raises(Refused):
        azure_ml.registry.mark(TARGET, MARKER)


def test_a_registry_in_trouble_is_unreadable_everywhere(azure_ml: World) -> None:
    azure_ml.put_in_registry(TARGET, {"a": "1"})
    azure_ml.registry.ping()
    azure_ml.break_registry()
    registry = azure_ml.registry
    asks: tuple[Callable[[], object], ...] = (
        lambda: registry.read(TARGET),
        lambda: registry.mark(TARGET, MARKER),
        registry.ping,
    )
    for ask in asks:
        with pytest.raises(Unreadable):
            ask()
