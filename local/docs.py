"""`make docs`: write the generated pages and schemas of docs/ anew."""

import json
import subprocess
import sys
from pathlib import Path

from local.configuration_page import configuration_page
from shared.adapters.policy_schema import json_schemas

ROOT = Path(__file__).resolve().parents[1]
DOCS = ROOT / "docs"
CONFIGURATION = DOCS / "configuration.md"

# Pages that write themselves: from tables that tests prove, and from what tests and faults came to.
_OF_THEIR_OWN = ("tests.domain.lifecycle_doc", "local.security_page")


def main() -> None:
    """Write every page."""
    written = {name: json.dumps(schema, indent=2) + "\n" for name, schema in json_schemas().items()}
    for name, content in {CONFIGURATION.name: configuration_page(), **written}.items():
        (DOCS / name).write_text(content, encoding="utf-8")
        print(f"wrote docs/{name}")
    for module in _OF_THEIR_OWN:
        subprocess.run([sys.executable, "-m", module], cwd=ROOT, check=True)
        print(f"ran {module}")


if __name__ == "__main__":
    main()
