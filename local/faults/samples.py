"""What the sections register."""


def tags(**changes: str | None) -> dict[str, str]:
    """Tags that the sample policy passes; None leaves one out."""
    stated: dict[str, str | None] = {
        "owner": "dana.submitter@contoso.com",
        "data_window": "2025-01-01/2025-09-30",
        "classification": "internal",
        "scope": "card payments",
        "rollback_path": "the version before",
        "monitoring_signal": "chargebacks",
        **changes,
    }
    return {name: value for name, value in stated.items() if value is not None}
