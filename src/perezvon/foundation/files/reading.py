"""Files that others sent are read in a process of their own; here it is started, bounded and listened to."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import threading
from pathlib import Path
from typing import Any

import perezvon
from perezvon.foundation.files import store
from perezvon.kernel.errors import TryLater

LONGEST_S, LONGEST_PAGE_S = 60, 20
_MOST_BYTES = 32 << 20
# What a hostile file makes run in that process must not get our secrets along with its environment.
_PASSED_ON = ("PATH", "LANG", "LC_ALL", "TMPDIR", "LD_LIBRARY_PATH")
_drawing = threading.BoundedSemaphore(2)
_PNG = b"\x89PNG"


def read_apart(path: Path, ending: str) -> dict[str, Any]:
    """What `reader` says of the file; {"problem": "broken"} of one that broke it, "too_big" at one of its limits."""
    code, said = _run([str(path), ending], LONGEST_S)
    if code is None or code < 0:
        return {"problem": "too_big"}
    try:
        found: dict[str, Any] = json.loads(said)
    except ValueError:
        return {"problem": "broken"}
    return found


def page_picture(sha256: str, number: int) -> Path | None:
    """A page of a PDF as a PNG, drawn at the first look and kept until the nightly sweep; None when it cannot be.

    Raises TryLater while others are being drawn.
    """
    kept = store.path_of(sha256).with_name(f"{sha256}-{number}")  # no row speaks of it: it is swept after a day
    if kept.exists():
        return kept
    if not _drawing.acquire(timeout=LONGEST_PAGE_S):
        raise TryLater(page=number)
    try:
        _code, said = _run([str(store.path_of(sha256)), "pdf", str(number)], LONGEST_PAGE_S)
    finally:
        _drawing.release()
    if not said.startswith(_PNG):
        return None
    store.keep_beside(kept, said)
    return kept


def _run(arguments: list[str], longest_s: float) -> tuple[int | None, bytes]:
    """Its exit code, None when it took too long; and what it printed."""
    command = [sys.executable, "-m", "perezvon.foundation.files.reader", *arguments]
    environment = {name: os.environ[name] for name in _PASSED_ON if name in os.environ}
    environment["PYTHONPATH"] = str(Path(perezvon.__file__).parents[1])
    with tempfile.TemporaryFile() as out:
        try:
            done = subprocess.run(  # noqa: S603  (our own program)
                command, env=environment, stdin=subprocess.DEVNULL, stdout=out, stderr=subprocess.DEVNULL,
                timeout=longest_s, check=False, cwd=tempfile.gettempdir(),
            )  # fmt: skip
        except subprocess.TimeoutExpired:
            return None, b""
        out.seek(0)
        return done.returncode, out.read(_MOST_BYTES)
