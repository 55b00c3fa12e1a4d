"""An export is read one history at a time, and what does not stand together shows."""

import pytest

from shared.domain.chain import Row, Tip
from shared.domain.errors import DocumentInvalid
from shared.domain.export import export_lines
from shared.domain.exported_history import ExportedHistory, exported_histories
from tests.domain.test_chain import make_rows
from tests.domain.test_export import AT

ONE, OTHER = "promotion:risk-dev:fraud:7", "promotion:risk-dev:fraud:8"


def whole(history: str, count: int) -> tuple[list[Row], Tip]:
    rows = make_rows(count, history)
    return rows, Tip(history, count, rows[-1].hash)


def test_each_history_comes_with_its_rows_and_its_head() -> None:
    one, other = whole(ONE, 3), whole(OTHER, 2)

    assert list(exported_histories(export_lines([one, other], AT, "0.1.0"))) == [
        ExportedHistory(2, ONE, tuple(one[0]), one[1]),
        ExportedHistory(6, OTHER, tuple(other[0]), other[1]),
    ]


def test_no_more_is_read_than_the_history_that_is_asked_for() -> None:
    lines = export_lines([whole(ONE, 3), whole(OTHER, 2)], AT, "0.1.0")
    next(exported_histories(lines))

    assert len(list(lines)) == 2  # one was read of the other three, which says that the first history has ended


def test_lines_that_stand_apart_come_apart() -> None:
    rows, tip = whole(ONE, 3)
    lines = export_lines([(rows[:2], None), whole(OTHER, 1), (rows[2:], tip)], AT, "0.1.0")

    assert [(each.line, each.partition, len(each.rows)) for each in exported_histories(lines)] == [
        (2, ONE, 2),
        (4, OTHER, 1),
        (6, ONE, 1),
    ]


def test_an_export_of_nothing_has_no_history_and_another_line_is_refused() -> None:
    assert list(exported_histories(export_lines([], AT, "0.1.0"))) == []
    with pytest.raises(DocumentInvalid):
        list(exported_histories(["{}"]))
