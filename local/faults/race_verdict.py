"""What one race showed."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Verdict:
    """`said` is empty where nothing is wrong."""

    double_winners: int = 0
    told_lost: int = 0
    said: str = ""


def verdict_of(doubles: list[str], told_lost: list[str]) -> Verdict:
    """Count the sentences."""
    return Verdict(len(doubles), len(told_lost), "; ".join([*doubles, *told_lost]))
