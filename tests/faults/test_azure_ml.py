"""Azure ML misbehaves; `make faults` plays every scenario, and two hundred promotions through twelve hours."""

from local.faults import azure_ml
from local.faults.options import Options


def test_every_promotion_comes_to_its_right_end() -> None:
    said: list[str] = []

    figures = azure_ml.run(Options(seed=13, short=True, say=said.append))

    assert figures.pop("runs") > 30
    assert figures == {"not_converged": 0, "voided_by_machinery": 0, "broken_histories": 0}, said
