"""Command line of the ingestion endpoint."""

import argparse
import logging
import sys
from pathlib import Path
from uuid import uuid4

from local.app_insights.app import AUDIENCES, Component, ingestion_app
from local.event_topic.access import Access
from local.serving import run_until_signal, site_on
from local.tls import make_authority


def main() -> int:
    """Serve until a signal; 2 for wrong use."""
    options = _parser().parse_args()
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s %(message)s")
    authority = make_authority(options.tls)
    access = Access.of(None, options.jwks, authority.client_context(), AUDIENCES)
    component = Component(options.key)
    try:
        site = site_on(ingestion_app(component, access), options.port, authority.issue())
    except OSError as error:
        print(error, file=sys.stderr)
        return 2
    connection = f"InstrumentationKey={component.key};IngestionEndpoint={site.url}/"
    run_until_signal([site], {"connection_string": connection, "telemetry": f"{site.url}/_telemetry"})
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m local.app_insights", description=__doc__)
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--key", default=str(uuid4()), help="the instrumentation key; by default one is made")
    parser.add_argument("--tls", type=Path, required=True, help="folder of the throw-away certificate authority")
    parser.add_argument(
        "--jwks", required=True, help="URL of the token issuer's keys: bearer tokens they signed may send"
    )
    return parser


if __name__ == "__main__":
    sys.exit(main())
