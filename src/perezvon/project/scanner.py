"""Who looks for viruses in files that people attach."""

from __future__ import annotations

from perezvon.connectors.clamd import ClamdScanner
from perezvon.connectors.eicar import EicarScanner
from perezvon.ports.scanning import Scanner
from perezvon.project.environment import environment


def make_scanner() -> Scanner | None:
    """The scanner that this machine has (settings.SCANNER); None: files are not scanned."""
    kind, _colon, where = environment().scanner.partition(":")
    if kind == "clamd":
        host, _colon, port = where.rpartition(":")
        return ClamdScanner(where) if where.startswith("/") else ClamdScanner((host, int(port)))
    return EicarScanner() if kind == "eicar" else None
