"""Takes the words out of a file, in a process of its own: `python -m … reader FILE ENDING [PAGE]`.

What a file holds is not to be trusted: this process has bounded memory, time and output, writes no files and knows no
secrets; where a file breaks it, nothing else is broken. It prints one JSON object:

    {"pages": 3, "cut": false, "blocks": [{"title": "", "lines": ["…"]}, {"title": "Sheet", "rows": [["…"]]}]}
    {"problem": "password"}     or broken, too_big, nothing

or with PAGE, counted from 0, that page of a PDF as a PNG. Macros, scripts, links and what is embedded are never
followed: words are all that is taken.
"""

from __future__ import annotations

import json
import re
import resource
import struct
import sys
import zipfile
import zlib
from collections.abc import Callable, Iterator, Sequence
from datetime import date, datetime, time, timedelta
from email import message_from_bytes
from email.policy import default as mail
from html.parser import HTMLParser
from pathlib import Path
from typing import IO, Any

from charset_normalizer import from_bytes
from defusedxml import ElementTree as Xml
from defusedxml.common import DefusedXmlException
from pypdfium2 import PdfDocument, PdfiumError
from python_calamine import CalamineError, CalamineWorkbook, PasswordError

MEMORY_BYTES, CPU_S, OUTPUT_BYTES = 3 << 29, 40, 32 << 20
UNPACKED_BYTES, MEMBER_BYTES, MOST_MEMBERS = 512 << 20, 64 << 20, 5_000
MOST_LETTERS, MOST_PAGES, MOST_SHEETS, MOST_ROWS, MOST_COLUMNS, LONGEST_CELL = 400_000, 300, 20, 2_000, 50, 1_000
PAGE_WIDTH = 1100
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ufffe\uffff\ud800-\udfff\ue000\ue001]")
_SINGLE_BYTE = ["cp1251", "cp866", "koi8_r"]

type Lines = Iterator[str]


class Unreadable(Exception):
    """code: password, broken, too_big, nothing."""


class Blocks:
    """What was read, up to a limit."""

    def __init__(self) -> None:
        self.all: list[dict[str, Any]] = []
        self.pages, self.is_cut, self._left = 0, False, MOST_LETTERS

    def add_lines(self, lines: Lines, title: str = "") -> None:
        kept: list[str] = []
        self._add({"title": _clean(title)[:200], "lines": kept}, kept, (_clean(line) for line in lines))

    def add_rows(self, rows: Iterator[list[str]], title: str = "") -> None:
        kept: list[list[str]] = []
        self._add({"title": _clean(title)[:200], "rows": kept}, kept, ([_clean(one) for one in row] for row in rows))

    def _add(self, block: dict[str, Any], kept: list[Any], parts: Iterator[Any]) -> None:
        for part in parts:
            if not part or not any(part):
                continue
            self._left -= len(part) if isinstance(part, str) else sum(map(len, part))
            if self._left < 0 or len(kept) >= MOST_ROWS * 10:
                self.is_cut = True
                break
            kept.append(part)
        if kept:
            self.all.append(block)


def read(path: Path, ending: str) -> dict[str, Any]:
    """Raises Unreadable."""
    blocks = Blocks()
    with path.open("rb") as file:
        head = file.read(8)
    reader = _reader_of(head, ending)
    if reader is None:
        raise Unreadable("nothing")
    reader(path, blocks)
    if not blocks.all:
        raise Unreadable("nothing")
    return {"pages": blocks.pages, "cut": blocks.is_cut, "blocks": blocks.all}


def _reader_of(head: bytes, ending: str) -> Callable[[Path, Blocks], None] | None:
    """By what it is; the name only says how a text is meant."""
    if head.startswith(b"PK"):
        return _read_archive
    if head.startswith(b"\xd0\xcf\x11\xe0"):
        return _read_book if ending == "xls" else None
    if head.startswith(b"{\\rtf"):
        return _read_rtf
    return {"pdf": _read_pdf, "eml": _read_letter, **dict.fromkeys(("txt", "csv", "xml"), _read_text)}.get(ending)


# --- archives: Word, Excel, PowerPoint, OpenDocument ---


def _read_archive(path: Path, blocks: Blocks) -> None:
    try:
        with zipfile.ZipFile(path) as archive:
            names = _names(archive)
            if "word/document.xml" in names:
                blocks.add_lines(_paragraphs(archive, "word/document.xml", "p"))
            elif "ppt/presentation.xml" in names:
                _read_slides(archive, names, blocks)
            elif "xl/workbook.xml" in names or "xl/workbook.bin" in names or _is_table(archive, names):
                _read_book(path, blocks)
            elif "content.xml" in names:
                blocks.add_lines(_paragraphs(archive, "content.xml", "p", "h"))
            else:
                blocks.add_lines(iter(names))
    except _BROKEN as error:
        raise Unreadable("broken") from error
    except RuntimeError as error:  # an archive that asks for a password
        raise Unreadable("password") from error


def _names(archive: zipfile.ZipFile) -> list[str]:
    members = archive.infolist()
    if len(members) > MOST_MEMBERS or sum(one.file_size for one in members) > UNPACKED_BYTES:
        raise Unreadable("too_big")
    return [one.filename for one in members]


def _is_table(archive: zipfile.ZipFile, names: list[str]) -> bool:
    return "mimetype" in names and b"spreadsheet" in _member(archive, "mimetype").read(200)


def _member(archive: zipfile.ZipFile, name: str) -> IO[bytes]:
    if archive.getinfo(name).file_size > MEMBER_BYTES:  # no more than this is ever unpacked, whatever is inside
        raise Unreadable("too_big")
    return archive.open(name)


def _read_slides(archive: zipfile.ZipFile, names: list[str], blocks: Blocks) -> None:
    slides = [name for name in names if re.fullmatch(r"ppt/slides/slide\d{1,4}\.xml", name)]
    slides.sort(key=lambda name: int(re.sub(r"\D", "", name)))
    blocks.pages = len(slides)
    for number, name in enumerate(slides[:MOST_PAGES], start=1):
        blocks.add_lines(_paragraphs(archive, name, "p"), str(number))


def _paragraphs(archive: zipfile.ZipFile, name: str, *tags: str) -> Lines:
    """A line for each paragraph, and one for each row of a table."""
    depth, cell, row = 0, list[str](), list[str]()
    with _member(archive, name) as file:
        for event, element in Xml.iterparse(file, events=("start", "end"), forbid_dtd=True):
            tag = element.tag.rpartition("}")[2]
            if event == "start":
                depth += tag in _ROWS
                continue
            if tag in tags:
                text = _text_of(element)
                element.clear()
                if not depth:
                    yield text
                elif text:
                    cell.append(text)
            elif tag in _CELLS and depth == 1:
                row.append(" ".join(cell))
                cell.clear()
            elif tag in _ROWS:
                depth -= 1
                if not depth:
                    yield " | ".join(row)
                    row.clear()


_BROKEN = (zipfile.BadZipFile, NotImplementedError, EOFError, zlib.error, Xml.ParseError, DefusedXmlException)
_ROWS, _CELLS = {"tr", "table-row"}, {"tc", "table-cell"}
_BETWEEN = {"tab": "\t", "br": " ", "cr": " ", "s": " ", "line-break": " "}
_UNSAID = {"instrText", "delText", "annotation"}


def _text_of(paragraph: Any) -> str:
    """Word and PowerPoint keep words in <t>, OpenDocument anywhere."""
    parts: list[str] = []
    for one in paragraph.iter():
        tag = one.tag.rpartition("}")[2]
        if tag in _BETWEEN:
            parts.append(_BETWEEN[tag])
        elif tag not in _UNSAID and one.text:
            parts.append(one.text)
        if one is not paragraph and one.tail and tag not in _UNSAID:
            parts.append(one.tail)
    return "".join(parts)


# --- spreadsheets ---


def _read_book(path: Path, blocks: Blocks) -> None:
    try:
        with path.open("rb") as file:
            book = CalamineWorkbook.from_filelike(file)
            blocks.pages = len(book.sheet_names)
            for name in book.sheet_names[:MOST_SHEETS]:
                blocks.add_rows(_rows(book, name, blocks), name)
    except PasswordError as error:
        raise Unreadable("password") from error
    except CalamineError as error:
        raise Unreadable("broken") from error


def _rows(book: CalamineWorkbook, name: str, blocks: Blocks) -> Iterator[list[str]]:
    try:
        sheet = book.get_sheet_by_name(name)
    except CalamineError:
        return  # a chart
    for number, row in enumerate(sheet.iter_rows()):
        if number >= MOST_ROWS:
            blocks.is_cut = True
            return
        cells = [_cell(one) for one in row[:MOST_COLUMNS]]
        while cells and not cells[-1]:
            cells.pop()
        yield cells


def _cell(value: object) -> str:
    match value:
        case float() if value.is_integer() and abs(value) < 1e15:
            return str(int(value))
        case datetime() if value.time() == time():
            return value.date().isoformat()
        case str() | bool() | int() | float() | date() | time() | timedelta():
            return str(value)[:LONGEST_CELL]
    return ""


# --- PDF ---


def _read_pdf(path: Path, blocks: Blocks) -> None:
    with _pdf(path) as document:
        blocks.pages = len(document)
        for number in range(min(len(document), MOST_PAGES)):
            page = document[number]
            text = page.get_textpage()
            blocks.add_lines(iter(text.get_text_range().splitlines()), str(number + 1))
            text.close()
            page.close()
        blocks.is_cut |= len(document) > MOST_PAGES


def _pdf(path: Path) -> PdfDocument:
    try:
        return PdfDocument(path)
    except PdfiumError as error:
        raise Unreadable("password" if "password" in str(error).lower() else "broken") from error


def draw_page(path: Path, number: int) -> bytes:
    """A page as a PNG, about PAGE_WIDTH wide. Raises Unreadable."""
    with _pdf(path) as document:
        if not 0 <= number < len(document):
            raise Unreadable("nothing")
        page = document[number]
        width, height = page.get_size()
        scale = PAGE_WIDTH / max(width, height / 2, 1.0)  # a page as high as a tower stays small
        bitmap = page.render(scale=scale, rev_byteorder=True)
        return _png(bytes(bitmap.buffer), bitmap.width, bitmap.height, bitmap.stride, bitmap.n_channels)


def _png(pixels: bytes, width: int, height: int, stride: int, channels: int) -> bytes:
    """Of rows of RGB."""
    if channels != 3:
        raise Unreadable("broken")
    rows = b"".join(b"\0" + pixels[row * stride : row * stride + width * 3] for row in range(height))
    size = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + _chunk(b"IHDR", size) + _chunk(b"IDAT", zlib.compress(rows, 6)) + _chunk(b"IEND", b"")


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


# --- text ---


def _read_text(path: Path, blocks: Blocks) -> None:
    with path.open("rb") as file:
        raw = file.read(MOST_LETTERS * 4 + 1)
    blocks.is_cut |= len(raw) > MOST_LETTERS * 4
    blocks.add_lines(iter(decoded(raw).splitlines()))


def decoded(raw: bytes) -> str:
    """UTF-8 or UTF-16 where it can be, else the likeliest of the Russian ones."""
    if raw.startswith((b"\xff\xfe", b"\xfe\xff")):
        return raw.decode("utf-16", "replace")
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        if error.start > len(raw) - 4:  # a letter that was cut at the limit
            return raw.decode("utf-8-sig", "ignore")
    best = from_bytes(raw[:200_000], cp_isolation=_SINGLE_BYTE).best()
    return raw.decode(best.encoding if best else "cp1251", "replace")


def _read_letter(path: Path, blocks: Blocks) -> None:
    with path.open("rb") as file:
        letter = message_from_bytes(file.read(MEMBER_BYTES), policy=mail)
    said = [f"{name}: {letter[name]}" for name in ("From", "To", "Date", "Subject") if letter[name]]
    blocks.add_lines(iter(said))
    body = letter.get_body(("plain", "html"))
    if body is not None:
        raw = body.get_payload(decode=True)
        text = decoded(raw if isinstance(raw, bytes) else b"")
        blocks.add_lines(words_of_html(text) if body.get_content_type() == "text/html" else iter(text.splitlines()))
    blocks.add_lines(part.get_filename() or "" for part in letter.iter_attachments())


def words_of_html(text: str) -> Lines:
    parser = _Words()
    parser.feed(text)
    return iter("".join(parser.said).splitlines())


class _Words(HTMLParser):
    """What a reader of a page would see."""

    def __init__(self) -> None:
        super().__init__()
        self.said: list[str] = []
        self._hidden = 0

    def handle_starttag(self, tag: str, attrs: object) -> None:
        self._hidden += tag in {"script", "style", "template"}
        if tag in {"p", "br", "div", "tr", "li", "h1", "h2", "h3", "h4", "td", "th"}:
            self.said.append("\n")

    def handle_endtag(self, tag: str) -> None:
        self._hidden -= tag in {"script", "style", "template"} and self._hidden > 0

    def handle_data(self, data: str) -> None:
        if not self._hidden:
            self.said.append(data)


_RTF = re.compile(
    r"\\u(-?\d{1,6}) ?(?:\\'[0-9a-f]{2}|\?)?|\\'([0-9a-f]{2})|\\([a-z]{1,32})(-?\d{1,10})? ?|\\([^a-z])|([{}])"
)
_NOT_SAID = {"fonttbl", "colortbl", "stylesheet", "info", "pict", "object", "header", "footer", "themedata"}


def _read_rtf(path: Path, blocks: Blocks) -> None:
    with path.open("rb") as file:
        raw = file.read(MEMBER_BYTES).decode("latin-1")
    page = re.search(r"\\ansicpg(\d{3,5})", raw)
    blocks.add_lines(iter(_rtf_text(raw, f"cp{page[1]}" if page else "cp1251").splitlines()))


def _rtf_text(raw: str, encoding: str) -> str:
    """Control words become nothing, but for ends of lines; groups of fonts, pictures and the like are left out."""
    said, hidden, depth, at = list[str](), 0, 0, 0
    for found in _RTF.finditer(raw.replace("\r", "").replace("\n", "")):
        between = found.string[at : found.start()]
        at = found.end()
        if between and not hidden:
            said.append(between)
        code, byte, word, _number, sign, brace = found.groups()
        if brace:
            depth += 1 if brace == "{" else -1
            hidden = hidden if depth >= hidden else 0
        elif (word in _NOT_SAID or sign == "*") and not hidden:
            hidden = depth
        elif not hidden:
            said.append(_rtf_sign(code, byte, word, sign, encoding))
    return "".join(said)


def _rtf_sign(code: str | None, byte: str | None, word: str | None, sign: str | None, encoding: str) -> str:
    if code:
        return chr(int(code) % 65_536)
    if byte:
        try:
            return bytes([int(byte, 16)]).decode(encoding, "replace")
        except LookupError:
            return ""
    if word:
        return {"par": "\n", "line": "\n", "row": "\n", "tab": "\t", "cell": " | "}.get(word, "")
    return {"~": " ", "{": "{", "}": "}", "\\": "\\"}.get(sign or "", "")


def _clean(text: str) -> str:
    """Without signs that neither a database nor a page takes, and without long white space."""
    return " ".join(_CONTROL.sub(" ", text).split())


def main(arguments: Sequence[str]) -> int:
    path, ending = Path(arguments[0]), arguments[1]
    limits = {resource.RLIMIT_AS: MEMORY_BYTES, resource.RLIMIT_CPU: CPU_S, resource.RLIMIT_FSIZE: OUTPUT_BYTES}
    for what, most in {**limits, resource.RLIMIT_CORE: 0, resource.RLIMIT_NPROC: 0}.items():
        resource.setrlimit(what, (most, most))
    try:
        if len(arguments) > 2:
            sys.stdout.buffer.write(draw_page(path, int(arguments[2])))
            return 0
        found = read(path, ending)
    except Unreadable as problem:
        found = {"problem": str(problem)}
    except MemoryError:
        found = {"problem": "too_big"}
    sys.stdout.write(json.dumps(found, ensure_ascii=True))
    return 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
