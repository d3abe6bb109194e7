"""A scanner for development and demonstrations: it knows the test virus of eicar.org and nothing else."""

from __future__ import annotations

from typing import IO

from perezvon.ports.scanning import Verdict

_SIGN = b"EICAR-STANDARD-ANTIVIRUS-TEST-FILE!"
_PART = 1 << 20


class EicarScanner:
    """A `ports.scanning.Scanner`."""

    def check(self) -> str:
        return "the test scanner, which knows nothing but the test virus"

    def scan(self, content: IO[bytes]) -> Verdict:
        before = b""
        while part := content.read(_PART):
            if _SIGN in before + part:
                return Verdict("Eicar-Test-Signature")
            before = part[-len(_SIGN) :]
        return Verdict()
