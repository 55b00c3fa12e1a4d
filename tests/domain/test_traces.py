"""One trace for each promotion, whose id anybody can work out."""

from hashlib import sha256

from hypothesis import given
from hypothesis import strategies as st

from shared.domain.ids import PromotionId
from shared.domain.traces import root_span_id, trace_id

NAMES = st.from_regex(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,30}", fullmatch=True)


def test_the_trace_of_a_promotion_follows_from_its_id() -> None:
    promotion = PromotionId("risk-dev", "fraud", "7")
    digest = sha256(b"clearance:risk-dev:fraud:7").hexdigest()

    assert trace_id(promotion) == digest[:32]
    assert root_span_id(promotion) == digest[32:48]


@given(st.sets(NAMES, min_size=2, max_size=2))
def test_two_versions_have_two_traces(versions: set[str]) -> None:
    assert len({trace_id(PromotionId("risk-dev", "fraud", version)) for version in versions}) == 2
