"""Storage fails for a while in every way the proxy knows; `make faults` plays more and longer storms."""

from local.faults import storage
from local.faults.options import Options


def test_promotions_converge_after_a_storm_and_nobodys_approval_was_voided() -> None:
    said: list[str] = []

    figures = storage.run(Options(seed=12, short=True, say=said.append))

    assert figures.pop("runs") > 3
    assert figures == {"not_converged": 0, "broken_histories": 0}, said
