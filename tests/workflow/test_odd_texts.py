"""Half of a surrogate pair, which JSON may hold, in anything that is read of a version: judged and kept like any text."""

from collections.abc import Callable
from typing import Any

import pytest

from shared.domain.evidence import Artifact, RegistryVersion
from shared.domain.ids import Incarnation, Target
from shared.workflow.receive_model_event import ask_for_look
from tests.domain.evidence_makers import NOW, a_promotion, a_run, tags
from tests.workflow.world import World

ODD = "x\ud800y"
Change = Callable[[World], None]


def version(**changes: Any) -> Change:
    return lambda world: world.catalog.change(a_promotion(), **changes)


def run(**changes: Any) -> Change:
    return lambda world: world.catalog.put_run("risk-dev", a_run(**changes))


def job(world: World) -> None:
    world.catalog.put_job("risk-dev", "train-7", ODD, ODD)


def held(world: World) -> None:
    found = RegistryVersion(ODD, ODD, (ODD,), (Artifact(ODD, 1, ODD),), {"clearance_promotion": ODD})
    world.registry.put(Target("contoso-shared", "fraud-detector", "7"), found)


PLACES: dict[str, Change] = {
    "a tag that a gate names": version(tags=tags(owner=ODD)),
    "a tag that none names": version(tags=tags(note=ODD)),
    "a tag's name": version(tags={**tags(), ODD: ODD}),
    "a tag in our name": version(tags=tags(clearance_x=ODD)),
    "a tag whose name is ours": version(tags={**tags(), f"clearance_{ODD}": "x"}),
    "the release record": version(tags=tags(scope=ODD)),
    "the run it names": version(tags=tags(evaluation_run=ODD)),
    "a property": version(properties={ODD: ODD}),
    "the registrant": version(registrant=ODD),
    "the asset id": version(incarnation=Incarnation(ODD, NOW)),
    "the type": version(asset_type=ODD),
    "a flavor": version(flavors=(ODD,)),
    "a file": version(artifacts=(Artifact(ODD, 1, ODD),)),
    "the name of a job": version(job=ODD),
    "a job": job,
    "a metric": run(metrics={"auc": ODD, "fairness_gap": "0.02"}),
    "a metric's name": run(metrics={"auc": "0.94", "fairness_gap": "0.02", ODD: "1"}),
    "the submitter": run(submitter=ODD),
    "the status": run(status=ODD),
    "the data set": run(dataset=ODD),
    "what the run evaluated": run(model=ODD),
    "a tag of the run": run(tags={ODD: ODD}),
    "what a registry holds": held,
}


@pytest.mark.parametrize("place", PLACES)
def test_half_of_a_pair_is_judged_like_any_other_text(place: str) -> None:
    world = World()
    world.register(announce=False)
    PLACES[place](world)
    ask_for_look(world.outside, a_promotion())
    world.work()

    assert world.case().status in {"awaiting_approval", "blocked", "conflict", "waiting"}
    assert "EvaluationCompleted" in world.happened()


def test_what_stood_there_is_told_with_a_sign_in_its_place() -> None:
    world = World()
    world.register(tags=tags(owner=ODD))
    world.work()

    evaluation = world.case().evaluation
    assert evaluation is not None
    (judged,) = [gate for gate in evaluation.gates if gate.gate == "tag:owner"]
    assert "x\ufffdy" in str(judged.actual)
