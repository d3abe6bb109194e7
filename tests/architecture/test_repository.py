"""What must not be in the repository."""

from __future__ import annotations

import re
from pathlib import Path

from tests.architecture.house import ROOT, files_of_repository, is_test, text_of

CYRILLIC = re.compile("[\u0400-\u04ff]")
# A folder of somebody's own machine: it works there and nowhere else.
MACHINE_PATH = re.compile(r"(?<![\w.~/-])/(?:home|Users|root|work|mnt|media)/\w[\w./-]*")


def speaks_russian(path: Path) -> bool:
    """Where Russian belongs: translations, blueprints, documents, tests, and texts that are read aloud."""
    parts = path.relative_to(ROOT).parts
    return (
        bool({"locale", "blueprints", "docs", "prompts", "gallery"} & set(parts))
        or is_test(path)
        or path.suffix == ".md"
    )


class TestFiles:
    def test_keep_russian_out_of_code(self) -> None:
        """Words for people live in locale/, where they can be found, checked and translated."""
        found = [
            f"{path.relative_to(ROOT)}:{number}"
            for path in files_of_repository()
            if not speaks_russian(path)
            for number, line in enumerate(text_of(path).splitlines(), 1)
            if CYRILLIC.search(line)
        ]

        assert found == []

    def test_know_no_machine(self) -> None:
        found = [
            f"{path.relative_to(ROOT)}: {match.group()}"
            for path in files_of_repository()
            if path != Path(__file__)
            for match in MACHINE_PATH.finditer(text_of(path))
        ]

        assert found == []

    def test_carry_nothing_built_or_secret(self) -> None:
        unwanted = re.compile(r"(^|/)(node_modules|\.venv|\.state|build|dist|__pycache__)/|\.(mo|pyc|key)$|secret\.key")

        assert [name for path in files_of_repository() if unwanted.search(name := str(path.relative_to(ROOT)))] == []
