"""Tables that were sent: where they lie, how they are read, how their rows are walked through."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import UUID

from django.conf import settings

import perezvon
from perezvon.kernel.errors import Refused

LONGEST_S = 600
_LOOK_EVERY_S = 0.3
# A line of code that runs in another process must not get our secrets along with its environment.
_PASSED_ON = ("PATH", "LANG", "LC_ALL", "TMPDIR", "LD_LIBRARY_PATH")


class FileRefused(Refused):
    """The file cannot be read. facts: problem, a code of `reader`, and what belongs to it."""

    code = "imports.file_refused"
    http_status = 422


@dataclass(frozen=True, slots=True)
class Line:
    """A row of the table. number: as a spreadsheet counts. begin, end: bytes of the file of rows."""

    number: int
    cells: list[str]
    begin: int
    end: int


def folder_of(import_id: UUID, *, make: bool = False) -> Path:
    """What belongs to one import: the file as it came, and rows read from it."""
    folder = Path(settings.IMPORTS) / str(import_id)
    if make:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    return folder


def forget_files(import_id: UUID) -> None:
    shutil.rmtree(folder_of(import_id), ignore_errors=True)


def source_path(import_id: UUID) -> Path:
    return folder_of(import_id) / "source"


def read_file(import_id: UUID, follow: Callable[[], None]) -> list[dict[str, Any]]:
    """The sheets of the file that came, read in a process of its own. Raises FileRefused.

    follow: called now and then; what it raises stops the process too.
    """
    folder = folder_of(import_id)
    program = [sys.executable, "-m", "perezvon.foundation.imports.reader"]
    command = [*program, str(source_path(import_id)), str(folder), str(settings.IMPORT_MOST_ROWS)]
    environment = {name: os.environ[name] for name in _PASSED_ON if name in os.environ}
    environment["PYTHONPATH"] = str(Path(perezvon.__file__).parents[1])
    answer = folder / "read.json"
    with (
        answer.open("wb") as out,
        subprocess.Popen(  # noqa: S603  (our own program)
            command, env=environment, stdin=subprocess.DEVNULL, stdout=out, stderr=subprocess.DEVNULL
        ) as process,
    ):
        try:
            code = _wait(process, follow)
        finally:
            process.kill()
    return _sheets(code, answer)


def _wait(process: subprocess.Popen[bytes], follow: Callable[[], None]) -> int | None:
    """Its exit code; None when it took too long."""
    for _ in range(int(LONGEST_S / _LOOK_EVERY_S)):
        try:
            return process.wait(timeout=_LOOK_EVERY_S)
        except subprocess.TimeoutExpired:
            follow()
    return None


def _sheets(code: int | None, answer: Path) -> list[dict[str, Any]]:
    if code is None or code < 0:  # too long, or killed at one of its limits
        raise FileRefused(problem="imports.too_big_inside")
    try:
        found = json.loads(answer.read_bytes())
    except ValueError as error:
        raise FileRefused(problem="imports.broken_file") from error
    if "problem" in found:
        raise FileRefused(**found)
    sheets: list[dict[str, Any]] = found["sheets"]
    return sheets


def lines(import_id: UUID, file: str, *, start: int = 0) -> Iterator[Line]:
    """The rows of a sheet from a place on, which is 0 or some row's `end`."""
    with (folder_of(import_id) / file).open("rb") as rows:
        rows.seek(start)
        for raw in rows:
            number, *cells = json.loads(raw)
            yield Line(number, cells, start, start + len(raw))
            start += len(raw)
