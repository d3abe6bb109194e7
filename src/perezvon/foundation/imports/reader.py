"""Reads a table that somebody sent, in a process of its own: `python -m … reader FILE FOLDER`.

What a file holds is not to be trusted: this process has a bounded memory, time and output and no secrets, and where a
file breaks it, nothing else is broken. For each sheet it writes FOLDER/N.jsonl, one row a line, [number, cell, …],
every cell a text, empty rows left out; and prints one JSON object: {"sheets": [...]} or {"problem": code, ...facts}.

Formulas are never computed: their last values stand in the file. Numbers lose nothing and have no exponent, days are
ISO. A value merged over several cells stands in each of them.
"""

from __future__ import annotations

import csv
import json
import re
import resource
import sys
import zipfile
from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from itertools import islice
from pathlib import Path
from typing import Any

from charset_normalizer import from_bytes
from python_calamine import CalamineError, CalamineSheet, CalamineWorkbook, PasswordError

MEMORY_BYTES, CPU_S, OUTPUT_BYTES = 3 << 30, 400, 4 << 30
UNPACKED_BYTES = 2 << 30
MOST_ROWS, MOST_COLUMNS, MOST_SHEETS, LONGEST_CELL = 1_100_000, 500, 50, 32_767
_MOST_MERGED = 200_000
_SAMPLE_BYTES = 1 << 18
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ufffe\uffff\ud800-\udfff]")
_BOMS = {b"\xef\xbb\xbf": "utf-8-sig", b"\xff\xfe": "utf-16", b"\xfe\xff": "utf-16"}
_SINGLE_BYTE = ("cp1251", "cp866", "koi8_r")
_DELIMITERS = ";,\t|"


class Unreadable(Exception):
    """code: after "imports."; facts for the words."""

    def __init__(self, code: str, **facts: object) -> None:
        super().__init__(code)
        self.code, self.facts = code, facts


def read(path: Path, folder: Path, most_rows: int = MOST_ROWS) -> list[dict[str, Any]]:
    """The sheets: name, rows (not empty ones), columns, file. Raises Unreadable."""
    with path.open("rb") as file:
        head = file.read(_SAMPLE_BYTES)
    if not head.strip():
        raise Unreadable("empty_file")
    if head.startswith(b"PK"):
        _refuse_bomb(path)
        return _read_book(path, folder, most_rows)
    if head.startswith(b"\xd0\xcf\x11\xe0"):
        return _read_book(path, folder, most_rows)
    if re.match(rb"[\s\xef\xbb\xbf]*<(!doctype|html|table|\?xml)", head, re.I):
        raise Unreadable("web_page")
    return _read_text(path, head, folder, most_rows)


# --- spreadsheets ---


def _refuse_bomb(path: Path) -> None:
    """What the archive says of itself; what it says wrongly meets the limits of the process."""
    try:
        with zipfile.ZipFile(path) as archive:
            members = archive.infolist()
    except (zipfile.BadZipFile, NotImplementedError) as error:
        raise Unreadable("broken_file") from error
    if len(members) > 20_000 or sum(one.file_size for one in members) > UNPACKED_BYTES:
        raise Unreadable("too_big_inside")


def _read_book(path: Path, folder: Path, most_rows: int) -> list[dict[str, Any]]:
    try:
        with path.open("rb") as file:
            book = CalamineWorkbook.from_filelike(file)
            names = book.sheet_names[:MOST_SHEETS]
            return [_write(folder, place, name, _sheet_rows(book, name), most_rows) for place, name in enumerate(names)]
    except PasswordError as error:
        raise Unreadable("password") from error
    except CalamineError as error:
        raise Unreadable("broken_file") from error


def _sheet_rows(book: CalamineWorkbook, name: str) -> Iterator[tuple[int, list[str]]]:
    try:
        sheet = book.get_sheet_by_name(name)
    except CalamineError:
        return  # a chart, or a sheet that refers to nothing
    if sheet.width > MOST_COLUMNS:
        raise Unreadable("too_many_columns", most=MOST_COLUMNS)
    merged = _Merged(sheet)
    for number, row in enumerate(sheet.iter_rows(), start=1):
        yield number, merged.filled(number - 1, [_as_text(cell) for cell in row])


class _Merged:
    """Puts the value of a merged cell into each cell it covers, row by row."""

    def __init__(self, sheet: CalamineSheet) -> None:
        ranges = sheet.merged_cell_ranges or []
        size = sum((down[0] - up[0] + 1) * (down[1] - up[1] + 1) for up, down in ranges)
        self._coming = sorted(ranges) if size <= _MOST_MERGED else []
        # Rows begin with the first column that holds anything.
        self._shift = sheet.start[1] if sheet.start else 0
        self._open: list[tuple[int, int, int, str]] = []

    def filled(self, number: int, cells: list[str]) -> list[str]:
        while self._coming and self._coming[0][0][0] <= number:
            (_, left), (bottom, right) = self._coming.pop(0)
            left, right = max(0, left - self._shift), right - self._shift
            self._open.append((bottom, left, right, cells[left] if left < len(cells) else ""))
        for _, left, right, text in self._open:
            right = min(right, MOST_COLUMNS)
            cells.extend([""] * (right + 1 - len(cells)))
            cells[left : right + 1] = [text] * (right + 1 - left)
        self._open = [one for one in self._open if one[0] > number]
        return cells


def _as_text(cell: object) -> str:
    match cell:
        case str():
            return cell
        case bool():
            return "1" if cell else "0"
        case float():
            return _plain(cell)
        case datetime():
            return cell.date().isoformat() if cell.time() == time() else cell.isoformat(sep=" ", timespec="seconds")
        case date() | time() | timedelta() | int():
            return str(cell)
    return ""


def _plain(number: float) -> str:
    """79161234567.0 as 79161234567: a telephone is no quantity."""
    if number != number or number in {float("inf"), float("-inf")}:
        return ""
    return f"{Decimal(repr(number)).normalize():f}"


# --- text ---


def _read_text(path: Path, head: bytes, folder: Path, most_rows: int) -> list[dict[str, Any]]:
    encoding = _encoding(head)
    sample = head.decode(encoding, errors="ignore")
    if len(_CONTROL.findall(sample)) > len(sample) // 100:
        raise Unreadable("not_a_table")
    delimiter = _delimiter(sample)
    csv.field_size_limit(LONGEST_CELL * 4)
    try:
        with path.open(encoding=encoding, newline="") as file:
            rows = csv.reader(file, delimiter=delimiter)
            return [_write(folder, 0, "", enumerate(rows, start=1), most_rows)]
    except UnicodeError as error:
        raise Unreadable("encoding", encoding=encoding) from error
    except csv.Error as error:
        raise Unreadable("broken_text") from error


def _encoding(head: bytes) -> str:
    """UTF-8 where it can be; UTF-16 by its zeros; else the likeliest of the single-byte ones."""
    for bom, name in _BOMS.items():
        if head.startswith(bom):
            return name
    pairs = head[: len(head) // 2 * 2]
    if pairs[1::2].count(0) > len(pairs) // 8:
        return "utf-16-le"
    if pairs[::2].count(0) > len(pairs) // 8:
        return "utf-16-be"
    try:
        head[: len(head) - 4 if len(head) == _SAMPLE_BYTES else None].decode("utf-8")
    except UnicodeDecodeError as error:
        # A letter that was cut at the end of the sample is no mistake.
        if len(head) < _SAMPLE_BYTES or error.start < len(head) - 8:
            best = from_bytes(head, cp_isolation=list(_SINGLE_BYTE)).best()
            return best.encoding if best else "cp1251"
    return "utf-8"


def _delimiter(sample: str) -> str:
    """The sign that cuts the first lines into equally many parts, the most of them."""
    lines = [line for line in sample.splitlines()[:20] if line.strip()][: -1 if len(sample) > 4_000 else None]
    best, most = ";", 0.0
    for sign in _DELIMITERS:
        counts = [len(row) - 1 for row in csv.reader(lines, delimiter=sign)]
        usual = max(set(counts), key=counts.count, default=0)
        worth = usual * counts.count(usual) / len(counts) if counts else 0
        if worth > most:
            best, most = sign, worth
    return best


# --- out ---


def _write(
    folder: Path, place: int, name: str, rows: Iterable[tuple[int, Sequence[str]]], most_rows: int
) -> dict[str, Any]:
    count = columns = 0
    target = folder / f"{place}.jsonl"
    with target.open("w", encoding="utf-8") as file:
        for number, row in rows:
            cells = [_CONTROL.sub("", cell).strip()[:LONGEST_CELL] for cell in row]
            while cells and not cells[-1]:
                cells.pop()
            if not cells:
                continue
            count, columns = count + 1, max(columns, len(cells))
            if columns > MOST_COLUMNS:
                raise Unreadable("too_many_columns", most=MOST_COLUMNS)
            if count > most_rows:
                raise Unreadable("too_many_rows", most=most_rows)
            file.write(json.dumps([number, *cells], ensure_ascii=False, separators=(",", ":")) + "\n")
    return {"name": name[:100], "rows": count, "columns": columns, "file": target.name}


def main(arguments: Sequence[str]) -> int:
    path, folder = (Path(one) for one in islice(arguments, 2))
    most_rows = int(arguments[2]) if len(arguments) > 2 else MOST_ROWS
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))
    resource.setrlimit(resource.RLIMIT_CPU, (CPU_S, CPU_S + 5))
    resource.setrlimit(resource.RLIMIT_FSIZE, (OUTPUT_BYTES, OUTPUT_BYTES))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    try:
        sheets = read(path, folder, most_rows)
        found: dict[str, Any] = {"sheets": [one for one in sheets if one["rows"]]}
        if not found["sheets"]:
            raise Unreadable("empty_file")
    except Unreadable as problem:
        found = {"problem": f"imports.{problem.code}", **problem.facts}
    except MemoryError:
        found = {"problem": "imports.too_big_inside"}
    sys.stdout.write(json.dumps(found, ensure_ascii=False))
    return 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
