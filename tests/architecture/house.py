"""The house as its files tell it: folders, imports, layers."""

from __future__ import annotations

import ast
import configparser
import re
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
SOURCE = ROOT / "src"


@dataclass(frozen=True, slots=True)
class Import:
    """`name` is the dotted module, or the dotted name inside it, that `file` imports at `line`."""

    file: Path
    line: int
    name: str

    def __str__(self) -> str:
        return f"{self.file.relative_to(ROOT)}:{self.line} imports {self.name}"


@cache
def module_layers() -> dict[str, int]:
    """The height of each module, 0 for the lowest line. `.importlinter` is the one place that says it."""
    linter = configparser.ConfigParser()
    linter.read(ROOT / ".importlinter")
    lines = linter["importlinter:contract:modules"]["layers"].strip().splitlines()
    return {name: height for height, line in enumerate(reversed(lines)) for name in re.findall(r"\w+", line)}


def files_of_repository() -> list[Path]:
    """Everything that is in the repository or would be added to it."""
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"],
        cwd=ROOT,
        capture_output=True,
        check=True,
    )
    return [path for name in listed.stdout.decode().split("\0") if name and (path := ROOT / name).is_file()]


def text_of(path: Path) -> str:
    """Its text; nothing for pictures, sounds and other bytes."""
    found = path.read_bytes()
    if b"\0" in found:
        return ""
    try:
        return found.decode()
    except UnicodeDecodeError:
        return ""


def is_test(path: Path) -> bool:
    return "tests" in path.parts


def imports_in(folder: Path) -> Iterator[Import]:
    """All imports of the code in `folder`, tests apart; `from a import b` counts as `a.b`."""
    for path in sorted(folder.rglob("*.py")):
        if not is_test(path):
            yield from _imports_of(path)


def _imports_of(path: Path) -> Iterator[Import]:
    for node in ast.walk(ast.parse(path.read_text(), str(path))):
        if isinstance(node, ast.Import):
            yield from (Import(path, node.lineno, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            yield from (Import(path, node.lineno, f"{node.module}.{alias.name}") for alias in node.names)
