"""What a file may be called, and what it is: its first bytes say that, its name only claims it. Pure functions."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Mapping

from perezvon.kernel.checks import Wrong

LONGEST_NAME = 150  # letters; a file system holds 255 bytes, and a letter takes up to four of them in two or three
HEAD_BYTES = 1024
NAMELESS = "file"
# Marks that turn the direction of writing: "exe.fdp" reads as "pdf.exe" behind one of them.
_TURNING = re.compile("[\u061c\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]")
_OLE, _ZIP = (rb"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1",), (rb"PK\x03\x04", rb"PK\x05\x06")
_SIGNS: Mapping[str, tuple[bytes, ...]] = {
    "pdf": (rb".{0,1000}?%PDF-",),
    "png": (rb"\x89PNG\r\n\x1a\n",),
    "jpg": (rb"\xff\xd8\xff",),
    "jpeg": (rb"\xff\xd8\xff",),
    "webp": (rb"RIFF.{4}WEBP",),
    "gif": (rb"GIF8[79]a",),
    "tif": (rb"II\*\0", rb"MM\0\*"),
    "tiff": (rb"II\*\0", rb"MM\0\*"),
    "heic": (rb".{4}ftyp",),
    **dict.fromkeys(("doc", "xls", "ppt", "msg"), _OLE),
    **dict.fromkeys(("docx", "xlsx", "pptx", "odt", "ods", "zip"), _ZIP),
    "7z": (rb"7z\xbc\xaf\x27\x1c",),
    "rar": (rb"Rar!\x1a\x07",),
    "rtf": (rb"\{\\rtf",),
    "mp3": (rb"ID3", rb"\xff[\xe2-\xff]"),
    "wav": (rb"RIFF.{4}WAVE",),
    "ogg": (rb"OggS",),
    "mp4": (rb".{4}ftyp",),
}
_TEXTS = ("txt", "csv", "xml", "eml")
_ANYTHING = ("p7s", "sig")  # signatures come in several forms
KINDS = (*_SIGNS, *_TEXTS, *_ANYTHING)
# Shown in the browser itself; what a picture is, its first bytes have said.
PICTURES = {"png": "image/png", "jpg": "image/jpeg", "jpeg": "image/jpeg", "webp": "image/webp"}
_PROGRAMS = re.compile(rb"MZ|\x7fELF|#!|\xca\xfe\xba\xbe|\xcf\xfa\xed\xfe|\s*<(!doctype html|html|script|svg)", re.I)


def clean_name(given: str) -> str:
    """A name that is safe to keep, show and save: no folders, no control or turning marks, not too long."""
    name = unicodedata.normalize("NFC", given).replace("\\", "/").rpartition("/")[2]
    name = _TURNING.sub("", name)
    name = "".join(sign if unicodedata.category(sign)[0] != "C" else " " for sign in name)
    name = " ".join(name.split()).strip(". ")
    stem, dot, ending = name.rpartition(".")
    if len(name) > LONGEST_NAME:
        name = f"{stem[: LONGEST_NAME - len(ending) - 1].rstrip()}.{ending}" if dot and len(ending) < 10 else name
    return name[:LONGEST_NAME].strip(". ") or NAMELESS


def ending_of(name: str) -> str:
    """ "pdf" of "Contract.PDF"; empty without one."""
    return name.rpartition(".")[2].lower() if "." in name else ""


def check_kind(name: str, head: bytes, allowed: Collection[str]) -> None:
    """Raises Wrong: file.kind when such files are not taken, file.mismatch when it is not what its name says."""
    ending = ending_of(name)
    if ending not in allowed:
        raise Wrong("file.kind", ending=ending)
    if not is_what_it_says(ending, head):
        raise Wrong("file.mismatch", ending=ending)


def is_what_it_says(ending: str, head: bytes) -> bool:
    """Whether the first bytes can be those of such a file."""
    if signs := _SIGNS.get(ending):
        return any(re.match(sign, head, re.DOTALL) for sign in signs)
    if _PROGRAMS.match(head):
        return False
    return ending in _ANYTHING or _is_text(head)


def _is_text(head: bytes) -> bool:
    return b"\0" not in head or head.startswith((b"\xff\xfe", b"\xfe\xff"))
