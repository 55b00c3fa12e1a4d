"""What stands in the way is found before anybody is asked (R7, R14)."""

from datetime import timedelta

from shared.domain import events, states
from shared.domain.commands import GiveUpTarget, RequestReevaluation, RetryTarget, Withdraw
from shared.domain.evidence import RegistryVersion
from shared.domain.ids import PromotionId, Target
from shared.ports import Claim
from shared.workflow.instruct import instruct
from tests.domain.evidence_makers import a_model_version, a_policy, a_promotion
from tests.workflow.world import World

SHARED = Target("contoso-shared", "fraud-detector", "7")
THEIRS = RegistryVersion("azureml://theirs", "custom_model", (), None, {})


def test_a_name_and_version_that_is_taken_holds_everybody_back() -> None:
    world = World()
    world.registry.put(SHARED, THEIRS)
    world.register()
    world.work()
    assert world.happened() == ["Registered", "EvaluationCompleted", "ConflictFound"]
    assert world.case().state == states.Conflict(None)


def test_giving_the_target_up_asks_about_what_is_left() -> None:
    world = World()
    world.registry.put(SHARED, THEIRS)
    world.register()
    world.work()
    instruct(world.outside, a_promotion(), GiveUpTarget("contoso-shared", "olu"), operation="g", actor="olu")
    world.work()
    assert world.case().status == "awaiting_approval"
    assert [t.registry for t in world.events(events.ApprovalRequested)[0].targets] == ["contoso-eu"]
    world.approve()
    world.work()
    assert world.case().status == "promoted"
    assert world.promoted_registries() == {"contoso-eu"}
    assert world.registry.read(SHARED) == THEIRS


def test_a_retry_that_finds_the_place_free_asks_about_all() -> None:
    world = World()
    world.registry.put(SHARED, THEIRS)
    world.register()
    world.work()
    world.registry.delete(SHARED)
    instruct(world.outside, a_promotion(), RetryTarget("contoso-shared", "olu"), operation="r", actor="olu")
    world.work()
    assert len(world.events(events.ApprovalRequested)[0].targets) == 2


def test_a_registry_that_cannot_be_read_is_named_as_unchecked() -> None:
    world = World()
    world.registry.unreadable.add("contoso-eu")
    world.register()
    world.work()
    (asked,) = world.events(events.ApprovalRequested)
    assert [unchecked.registry for unchecked in asked.unchecked] == ["contoso-eu"]
    assert world.case().status == "awaiting_approval"


def test_two_workspaces_that_race_for_one_place_have_one_winner() -> None:
    policy = a_policy(workspaces=("risk-dev", "risk-lab"))
    world = World(policy, workspaces=("risk-dev", "risk-lab"))
    world.register()
    other = PromotionId("risk-lab", "fraud-detector", "7")
    world.register(other)
    world.work()
    assert {world.case().status, world.case(other).status} == {"awaiting_approval", "conflict"}
    loser = other if world.case(other).status == "conflict" else a_promotion()
    assert world.events(events.ConflictFound, loser)[0].kind == "claimed"


def test_claims_of_a_round_that_ended_are_released() -> None:
    world = World()
    world.register()
    world.work()
    assert world.claims.read(SHARED) is not None
    world.answer("rosa.risk", "reject")
    world.work()
    assert world.claims.read(SHARED) is None


def test_a_promoted_targets_claim_stays() -> None:
    world = World()
    world.register()
    world.work()
    world.approve()
    world.work()
    held = world.claims.read(SHARED)
    assert held is not None
    assert held.promotion == a_promotion()


def test_blocked_promotions_hold_no_claim() -> None:
    world = World()
    world.register(tags={**a_model_version().tags, "owner": "nobody"})
    world.work()
    assert world.case().status == "blocked"
    assert world.claims.read(SHARED) is None


def test_a_blocked_version_that_is_mended_is_asked_for_without_anybodys_help() -> None:
    world = World()
    world.register(tags={**a_model_version().tags, "classification": "secret"})
    world.work()
    assert world.case().status == "blocked"
    world.catalog.change(a_promotion(), tags=dict(a_model_version().tags))
    world.pass_time(timedelta(minutes=6))
    assert world.case().status == "awaiting_approval"
    assert world.case().round == 2


LAB = PromotionId("risk-lab", "fraud-detector", "7")


def two_workspaces() -> World:
    return World(a_policy(workspaces=("risk-dev", "risk-lab")), workspaces=("risk-dev", "risk-lab"))


def left_behind(world: World) -> None:
    """A worker took the claim to ask about the other workspace's version, and died before it asked."""
    world.claims.take(SHARED, Claim(LAB, a_model_version().incarnation, 1))


def test_a_claim_that_a_dead_worker_left_behind_keeps_nobody_out() -> None:
    world = two_workspaces()
    left_behind(world)
    world.register()
    world.work()
    assert world.case().status == "awaiting_approval"
    held = world.claims.read(SHARED)
    assert held is not None
    assert held.promotion == a_promotion()


def test_a_claim_whose_holder_may_be_about_to_ask_keeps_others_out() -> None:
    world = two_workspaces()
    left_behind(world)
    world.worklist.touch(LAB, world.clock.now() + timedelta(minutes=2))
    world.register()
    world.work()
    assert world.events(events.ConflictFound)[0].kind == "claimed"


def test_a_claim_of_a_round_that_ended_keeps_nobody_out_though_its_release_was_lost() -> None:
    world = two_workspaces()
    world.register(LAB)
    world.work()
    held = world.claims.read(SHARED)
    assert held is not None
    world.answer("rosa.risk", "reject", promotion=LAB)
    world.work()
    world.claims.take(SHARED, held)
    world.register()
    world.work()
    assert world.case().status == "awaiting_approval"


def test_a_target_given_up_and_wanted_again_is_claimed_again_before_it_is_imported() -> None:
    world = World()
    world.register()
    world.work()
    world.registry.unreadable.add("contoso-shared")
    world.approve()
    world.work()
    operator = "olu.operator"
    instruct(world.outside, a_promotion(), GiveUpTarget("contoso-shared", operator), operation="g", actor=operator)
    world.work()
    assert world.claims.read(SHARED) is None
    world.registry.unreadable.clear()
    instruct(world.outside, a_promotion(), RetryTarget("contoso-shared", operator), operation="r", actor=operator)
    world.work()
    assert world.promoted_registries() == {"contoso-shared", "contoso-eu"}
    held = world.claims.read(SHARED)
    assert held is not None
    assert held.promotion == a_promotion()


def test_a_target_wanted_again_after_somebody_else_claimed_it_is_a_conflict() -> None:
    world = two_workspaces()
    world.register()
    world.work()
    world.registry.unreadable.add("contoso-shared")
    world.approve()
    world.work()
    instruct(world.outside, a_promotion(), GiveUpTarget("contoso-shared", "olu"), operation="g", actor="olu")
    world.work()
    world.registry.unreadable.clear()
    world.register(LAB)
    world.work()
    assert world.case(LAB).status == "awaiting_approval"
    instruct(world.outside, a_promotion(), RetryTarget("contoso-shared", "olu"), operation="r", actor="olu")
    world.work()
    assert world.events(events.ConflictFound)[0].kind == "claimed"
    assert world.registry.read(SHARED) is None


def test_what_an_earlier_round_left_behind_takes_no_claim_from_the_round_that_asks_now() -> None:
    world = World()
    world.register()
    world.work()
    world.registry.script("contoso-shared", "raise_before")
    world.registry.unreadable.add("contoso-eu")
    world.approve()
    world.work()
    world.registry.unreadable.clear()
    world.catalog.change(a_promotion(), tags={**a_model_version().tags, "classification": "restricted"})
    instruct(world.outside, a_promotion(), Withdraw("dana"), operation="w", actor="dana")
    instruct(world.outside, a_promotion(), RequestReevaluation("dana"), operation="e", actor="dana")
    world.work()
    assert world.case().status == "awaiting_approval"
    for _ in range(3):
        world.pass_time(timedelta(minutes=31))
    assert world.case().targets["contoso-shared"].intent is None
    held = world.claims.read(SHARED)
    assert held is not None
    assert held.round == 2


def test_an_equal_model_of_somebody_else_holds_everybody_back() -> None:
    world = World()
    version = a_model_version()
    world.registry.put(SHARED, RegistryVersion("azureml://x", version.asset_type, version.flavors, None, {}))
    world.register()
    world.work()
    assert world.events(events.ConflictFound)[0].kind == "not_ours"
    assert world.events(events.ApprovalRequested) == []


def test_a_promoted_targets_claim_outlives_the_round_that_was_stopped() -> None:
    world = World()
    world.register()
    world.work()
    world.registry.unreadable.add("contoso-eu")
    world.approve()
    world.work()
    instruct(world.outside, a_promotion(), Withdraw("dana"), operation="w", actor="dana")
    world.work()
    assert world.case().status == "withdrawn"
    held = world.claims.read(SHARED)
    assert held is not None
    assert held.promotion == a_promotion()
