"""Whether the sources are what they were when a run began."""

from pathlib import Path

from local.faults.sources import changed, checksum, read_sources
from local.mutants.mutant import project_copy


def test_what_is_edited_added_or_removed_is_named(tmp_path: Path) -> None:
    project = project_copy(tmp_path)
    before = read_sources(project)
    assert changed(before, read_sources(project)) == []

    (project / "shared" / "version.py").write_text("__version__ = '0'\n", "utf-8")
    (project / "policies" / "new.yaml").write_text("policy: new\n", "utf-8")
    (project / "host.json").unlink()
    (project / "local" / "__pycache__").mkdir()
    (project / "local" / "__pycache__" / "x.pyc").write_text("compiled", "utf-8")

    after = read_sources(project)
    assert changed(before, after) == ["host.json", "policies/new.yaml", "shared/version.py"]
    assert checksum(before) != checksum(after)
