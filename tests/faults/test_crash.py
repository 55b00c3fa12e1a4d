"""A worker dies by SIGKILL at calls spread over a whole promotion; `make faults` does it at every call."""

from local.faults import crash
from local.faults.calls import Call
from local.faults.options import Options


def test_one_death_stands_for_after_a_call_and_before_the_next_where_nothing_comes_between() -> None:
    course, call = crash.Course(), Call("tables", "GET", "/")

    def one_after_the_other(times: int) -> None:
        for _ in range(times):
            course.arrived(call)
            course.answered(call)

    one_after_the_other(2)
    course.told()
    one_after_the_other(1)
    course.arrived(call)
    one_after_the_other(1)  # while the fourth is under way
    course.answered(call)
    one_after_the_other(2)

    assert [point.number for point in course.points if point.moment == "before"] == [1, 2, 3, 4, 5, 6, 7]
    assert [point.number for point in course.points if point.moment == "after"] == [2, 4, 7]


def test_a_worker_killed_at_any_call_loses_nothing_and_imports_nothing_twice() -> None:
    said: list[str] = []

    figures = crash.run(Options(seed=11, short=True, say=said.append))

    tried = {name: figures.pop(name) for name in ("points", "runs")}
    assert min(tried.values()) > 10
    assert figures == {"lost_acknowledged": 0, "double_imports": 0, "stuck": 0, "broken_histories": 0}, said
