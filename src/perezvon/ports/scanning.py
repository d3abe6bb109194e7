"""What we ask of whoever looks for viruses in files."""

from __future__ import annotations

from dataclasses import dataclass
from typing import IO, Protocol

from perezvon.kernel.errors import TryLater


class ScannerAway(TryLater):
    """It does not answer, or cannot look at this one now. facts: said."""

    code = "scanning.away"


@dataclass(frozen=True, slots=True)
class Verdict:
    """threat: what the scanner calls what it found; empty of a clean file. is_too_large: it never looks at so large a
    file, so that nothing is known of it nor will be."""

    threat: str = ""
    is_too_large: bool = False


class Scanner(Protocol):
    """Looks for viruses. Each question stands alone; any number may be asked at once."""

    def check(self) -> str:
        """Who answers, for people: name and version. Raises ScannerAway."""
        ...

    def scan(self, content: IO[bytes]) -> Verdict:
        """All that is left to read of it. Raises ScannerAway: then nothing is known, and it is asked again later."""
        ...
