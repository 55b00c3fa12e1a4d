"""Command line of the event topic."""

import argparse
import logging
import os
import sys
from pathlib import Path

from local.event_topic.access import Access
from local.event_topic.app import PATH, topic_app
from local.event_topic.delivery import Deliveries
from local.event_topic.topic import Topic
from local.serving import run_until_signal, site_on
from local.tls import make_authority


def main() -> int:
    """Serve until a signal; 2 for wrong use."""
    options = _parser().parse_args()
    key = os.environ.get("EVENT_TOPIC_KEY")
    if not (key or options.jwks):
        print("nobody could publish: give --jwks URL, or set EVENT_TOPIC_KEY, or both", file=sys.stderr)
        return 2
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s %(message)s")
    logging.getLogger("httpx").setLevel(logging.WARNING)  # it logs whole URLs, and those of subscribers may hold keys
    authority = make_authority(options.tls)
    topic, tls = Topic(), authority.client_context()
    app = topic_app(topic, Access.of(key, options.jwks, tls), Deliveries(topic, tls))
    try:
        site = site_on(app, options.port, authority.issue())
    except OSError as error:
        print(error, file=sys.stderr)
        return 2
    run_until_signal([site], {"endpoint": site.url + PATH, "admin": f"{site.url}/_topic"})
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m local.event_topic", description=__doc__)
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--tls", type=Path, required=True, help="folder of the throw-away certificate authority")
    parser.add_argument("--jwks", help="URL of the token issuer's keys: bearer tokens they signed may publish")
    return parser


if __name__ == "__main__":
    sys.exit(main())
