"""Command line of the token issuer."""

import argparse
import os
import sys
from pathlib import Path

from local.ports import listen
from local.serving import Site, run_until_signal, site_on, url_of
from local.tls import make_authority
from local.token_issuer.identity_endpoint import PATH, identity_app
from local.token_issuer.people import SAMPLE_PEOPLE, PeopleFault, read_people
from local.token_issuer.sign_in import sign_in_app
from local.token_issuer.signing import SigningKeys
from local.token_issuer.tokens import TokenIssuer


def main() -> int:
    """Serve until a signal; 2 for wrong use."""
    options = _parser().parse_args()
    secret = os.environ.get("IDENTITY_HEADER", "")
    if not secret:
        print("IDENTITY_HEADER is not set: it holds the value that callers of the identity endpoint must repeat")
        return 2
    try:
        people = read_people(options.people)
        listener = listen(options.port)
        issuer = TokenIssuer(people, SigningKeys(), url_of(listener, "https"))
        sign_in = Site(sign_in_app(issuer), listener, make_authority(options.tls).issue())
        identity = site_on(identity_app(issuer, secret), options.identity_port)
    except (PeopleFault, OSError) as error:
        print(error, file=sys.stderr)
        return 2
    run_until_signal(
        [sign_in, identity],
        {
            "identity_endpoint": identity.url + PATH,
            "issuer": issuer.issuer,
            "jwks_uri": issuer.jwks_uri,
            "tokens_url": f"{sign_in.url}/_issuer/tokens",
        },
    )
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m local.token_issuer", description=__doc__)
    parser.add_argument("--identity-port", type=int, default=0, help="plain http, for IDENTITY_ENDPOINT")
    parser.add_argument("--port", type=int, default=0, help="https: discovery, keys, tokens for people")
    parser.add_argument("--tls", type=Path, required=True, help="folder of the throw-away certificate authority")
    parser.add_argument("--people", type=Path, default=SAMPLE_PEOPLE, help="JSON or YAML file")
    return parser


if __name__ == "__main__":
    sys.exit(main())
