"""The port Identity where no app registration is configured: nobody can sign in, and everybody is told why."""

from shared.domain.errors import NotAuthenticated
from shared.ports import Principal


class NoSignIn:
    """Refuses every request of people; webhooks do not come here."""

    def verify(self, authorization: str | None, forwarded: str | None) -> Principal:  # noqa: ARG002 - nothing helps
        """Raises `NotAuthenticated`, whatever the request carries."""
        said = (
            "Nobody can sign in here, for CLEARANCE_CLIENT_ID is not set: an operator must name the app registration."
        )
        raise NotAuthenticated("sign_in_not_configured", said)

    def ping(self) -> None:
        """There is nobody to reach."""
