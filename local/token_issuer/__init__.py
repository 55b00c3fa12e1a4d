"""The token issuer: App Service's managed identity endpoint, and Entra-like tokens for the sample people.

Command: `python -m local.token_issuer --identity-port N --port N --tls DIR [--people FILE]`, with `IDENTITY_HEADER` set.
"""

from local.token_issuer.people import ManagedIdentity, People, PeopleFault, Person, read_people
from local.token_issuer.signing import SigningKeys
from local.token_issuer.tokens import TokenIssuer, TokenRequest

__all__ = [
    "ManagedIdentity",
    "People",
    "PeopleFault",
    "Person",
    "SigningKeys",
    "TokenIssuer",
    "TokenRequest",
    "read_people",
]
