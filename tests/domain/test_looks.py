"""What the worklist row keeps: when somebody asked and looked, and what is being tried again (R1, R3, R11)."""

from shared.domain.looks import Attempts, Looks
from tests.domain.promotion_makers import MINUTE, REGISTERED_AT, SECOND


def test_what_is_asked_makes_one_read_due() -> None:
    assert Looks(asked=REGISTERED_AT).look_is_asked
    assert Looks(asked=REGISTERED_AT, answered=REGISTERED_AT - SECOND).look_is_asked
    assert not Looks(asked=REGISTERED_AT, answered=REGISTERED_AT).look_is_asked
    assert not Looks(looked=REGISTERED_AT).look_is_asked


def test_a_machine_whose_clock_is_ahead_hides_nothing_that_is_asked_after_it_looked() -> None:
    """P17: what one machine calls later another may call earlier."""
    assert Looks(asked=REGISTERED_AT, looked=REGISTERED_AT + MINUTE).look_is_asked
    assert Looks(asked=REGISTERED_AT, looked=REGISTERED_AT, answered=REGISTERED_AT + MINUTE).look_is_asked


def test_tries_are_counted_and_wait() -> None:
    attempts = Attempts().failed("429", REGISTERED_AT, MINUTE).failed("503", REGISTERED_AT, MINUTE)

    assert attempts == Attempts(2, REGISTERED_AT + MINUTE, "503")
    assert not attempts.due(REGISTERED_AT)
    assert attempts.due(REGISTERED_AT + MINUTE)
    assert Attempts().due(REGISTERED_AT)


def test_each_target_and_each_sink_has_its_own_tries() -> None:
    failed = Attempts().failed("429", REGISTERED_AT, MINUTE)
    looks = Looks().with_target("contoso-eu", failed).with_sink("topic", failed)

    assert looks.of_target("contoso-eu") == looks.of_sink("topic") == failed
    assert looks.of_target("contoso-shared") == looks.of_sink("tables") == Attempts()
