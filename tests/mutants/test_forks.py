"""A pytest in a fork: it reads the folder it runs in, each time anew, and cannot hang or stay."""

from pathlib import Path

from local.mutants.forks import Forks

TEST = """
from shared.rule import least

def test_the_least_is_three():
    assert least() == 3
"""


def project(folder: Path, rule: str) -> Path:
    """A folder whose package `shared` is another one each time."""
    (folder / "shared").mkdir(parents=True)
    (folder / "shared" / "__init__.py").touch()
    (folder / "shared" / "rule.py").write_text(f"def least():\n    {rule}\n")
    (folder / "test_rule.py").write_text(TEST)
    return folder


def test_each_run_reads_its_own_folder_and_leaves_nothing_in_the_next(tmp_path: Path) -> None:
    with Forks() as forks:
        runs = [
            forks.pytest(project(tmp_path / name, rule), ["-q", "test_rule.py"], {}, 60)
            for name, rule in (("right", "return 3"), ("wrong", "return 4"), ("right-again", "return 3"))
        ]
    assert [code for code, _ in runs] == [0, 1, 0]
    assert "1 failed" in runs[1][1]


def test_one_that_does_not_end_is_ended(tmp_path: Path) -> None:
    with Forks() as forks:
        endless = project(tmp_path / "endless", "import time; time.sleep(99)")
        assert forks.pytest(endless, ["-q", "test_rule.py"], {}, 1.5)[0] == -1
        assert forks.pytest(project(tmp_path / "right", "return 3"), ["-q", "test_rule.py"], {}, 60)[0] == 0


def test_a_process_that_is_killed_has_no_exit_code_of_its_own(tmp_path: Path) -> None:
    with Forks() as forks:
        killed = project(tmp_path / "killed", "import os; os.kill(os.getpid(), 9)")
        assert forks.pytest(killed, ["-q", "test_rule.py"], {}, 60)[0] == -9
