"""``python -m local.azure_ml --port N --dir DIR --config FILE.json``: run the emulator until it is stopped."""

import argparse
import sys
from pathlib import Path

from local.azure_ml.config import ConfigError, load_config
from local.azure_ml.server import serve
from local.tls import make_authority


def main(arguments: list[str] | None = None) -> int:
    """Run; returns the exit code."""
    parser = argparse.ArgumentParser(
        prog="python -m local.azure_ml", description="An emulator of Azure Machine Learning."
    )
    parser.add_argument("--port", type=int, default=0, help="port on 127.0.0.1; 0, the default, takes a free one")
    parser.add_argument("--dir", type=Path, required=True, help="folder for state and blobs")
    parser.add_argument(
        "--config", type=Path, required=True, help="JSON file: local/azure_ml/config.py says what it holds"
    )
    parser.add_argument("--ca", type=Path, help="folder of the certificate authority; DIR/tls unless given")
    options = parser.parse_args(arguments)
    try:
        config = load_config(options.config)
        serve(config, options.dir, make_authority(options.ca or options.dir / "tls"), options.port)
    except (ConfigError, OSError) as error:
        print(f"the Azure ML emulator cannot start: {error}", file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
