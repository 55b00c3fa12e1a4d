"""Numbers as people read them."""


def amount(value: float) -> str:
    """Three digits that count, or the whole number above that."""
    if value >= 100:
        return f"{value:,.0f}"
    return f"{value:.3g}" if value >= 0.001 or not value else "<0.001"


def dollars(value: float) -> str:
    """With cents below a hundred."""
    if 0 < value < 0.005:
        return "<$0.01"
    return f"${value:,.2f}" if value < 100 else f"${value:,.0f}"


def share(value: float | None) -> str:
    """Percent; none where nothing is known."""
    if value is None:
        return "?"
    if 0 < value < 0.005:
        return "<1 %"
    return f"{100 * value:,.0f} %"


def days(value: float | None) -> str:
    """Hours, days or years, whichever says most; never where that cannot be."""
    if value is None:
        return "never"
    if value >= 36_500:
        return "> 100 years"
    if value >= 730:
        return f"{value / 365:.0f} years" if value >= 3650 else f"{value / 365:.1f} years"
    return f"{value:.0f} days" if value >= 2 else f"{24 * value:.0f} hours"


def rounded(value: float | None) -> str:
    """Two digits that count, rounded down: what is still within a limit."""
    if value is None:
        return "never"
    step = 10 ** max(0, len(str(int(value))) - 2)
    return f"{int(value) // step * step:,}"
