"""What the architecture tests look at: the files of this project, and none of its environment's."""

from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
SOURCE = ("functions", "shared", "local")


def python_files(*folders: str) -> list[Path]:
    """All Python files of the named top-level folders, and function_app.py with them when none is named."""
    files = [
        file
        for folder in folders or (*SOURCE, "tests")
        for file in (ROOT / folder).rglob("*.py")
        if "node_modules" not in file.parts
    ]
    return sorted(files if folders else [ROOT / "function_app.py", *files])


def named(file: Path) -> str:
    """The path of a file as people write it, from the project folder on."""
    return file.relative_to(ROOT).as_posix()
