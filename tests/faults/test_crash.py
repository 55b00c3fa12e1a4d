"""A worker dies by SIGKILL at calls spread over a whole promotion; `make faults` does it at every call."""

from local.faults import crash
from local.faults.options import Options


def test_a_worker_killed_at_any_call_loses_nothing_and_imports_nothing_twice() -> None:
    said: list[str] = []

    figures = crash.run(Options(seed=11, short=True, say=said.append))

    tried = {name: figures.pop(name) for name in ("points", "runs")}
    assert min(tried.values()) > 10
    assert figures == {"lost_acknowledged": 0, "double_imports": 0, "stuck": 0, "broken_histories": 0}, said
