import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.domain.errors import InvalidId
from shared.domain.ids import LineId, PromotionId, Target, checked, parse_partition, pattern_of


def test_a_promotion_names_its_partition_and_its_subject() -> None:
    promotion = PromotionId.parse("risk-dev:fraud-detector:7")
    assert promotion == PromotionId("risk-dev", "fraud-detector", "7")
    assert str(promotion) == "risk-dev:fraud-detector:7"
    assert promotion.partition == "promotion:risk-dev:fraud-detector:7"
    assert promotion.subject == "promotion/risk-dev/fraud-detector/7"


def test_a_line_is_the_registry_and_name_of_a_target() -> None:
    target = Target("contoso-shared", "fraud-detector", "7")
    assert str(target) == "contoso-shared:fraud-detector:7"
    assert target.line == LineId("contoso-shared", "fraud-detector")
    assert target.line.partition == "line:contoso-shared:fraud-detector"
    assert target.line.subject == "line/contoso-shared/fraud-detector"


@pytest.mark.parametrize("id_", [PromotionId("a", "b", "1"), LineId("contoso", "b")])
def test_a_partition_reads_back_into_its_id(id_: PromotionId | LineId) -> None:
    assert parse_partition(id_.partition) == id_


@pytest.mark.parametrize("text", ["", "promotion:a:b", "line:contoso:b:c", "claim:contoso:b", "a:b:c"])
def test_what_is_no_partition_is_refused(text: str) -> None:
    with pytest.raises(InvalidId, match="is no history"):
        parse_partition(text)


@pytest.mark.parametrize(
    "text", ["a:b", "a:b:1:2", "A:b:1", "a:-b:1", "a:b:", "a:b:1\n", "a:b/c:1", "a:b:" + "1" * 129]
)
def test_what_does_not_fit_the_grammar_is_refused(text: str) -> None:
    with pytest.raises(InvalidId):
        PromotionId.parse(text)


def test_an_over_long_name_is_told_short() -> None:
    with pytest.raises(InvalidId) as caught:
        checked("name", "n" * 10_000)
    assert len(str(caught.value)) < 300
    assert "10000 characters" in str(caught.value)


@given(st.text(max_size=40), st.text(max_size=40), st.text(max_size=40))
def test_an_id_that_is_taken_is_safe_as_table_key_and_url_segment(workspace: str, name: str, version: str) -> None:
    try:
        promotion = PromotionId(workspace, name, version)
    except InvalidId:
        return
    assert not set("/\\#?%:\n\t ") & set(workspace + name + version)
    assert PromotionId.parse(str(promotion)) == promotion


def test_what_fits_the_pattern_of_a_part_is_taken_for_it() -> None:
    assert re.fullmatch(pattern_of("workspace"), checked("workspace", "risk-dev"))
    assert not re.fullmatch(pattern_of("workspace"), "Risk Dev")
