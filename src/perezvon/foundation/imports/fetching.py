"""Tables that come by themselves: from a folder that is watched, or from an address."""

from __future__ import annotations

import hashlib
import shutil
import time
import urllib.request
from collections.abc import Iterator
from email.message import Message
from http.client import HTTPException
from pathlib import Path, PurePosixPath
from typing import IO, Any
from urllib.error import URLError
from urllib.parse import urlsplit

from django.conf import settings

from perezvon.foundation.imports.models import Origin, Profile
from perezvon.foundation.imports.reading import FileRefused

LONGEST_S, ANSWER_WITHIN_S = 120.0, 20.0
_CHUNK = 1 << 20
_TABLES = {".xlsx", ".xls", ".xlsb", ".ods", ".csv", ".txt", ".tsv"}


def watched_folder() -> Path:
    """Folders of sources lie in it; whoever exports puts tables there."""
    folder: Path = settings.IMPORTS / "watched"
    return folder


def is_place(origin: str, place: str) -> bool:
    """Whether a table can come from there: one folder's name, or an address over HTTP without a password in it."""
    if origin == Origin.FOLDER:
        return bool(place) and place not in {".", ".."} and PurePosixPath(place).name == place
    if origin == Origin.URL:
        try:
            parts = urlsplit(place)
            return parts.scheme in {"http", "https"} and bool(parts.hostname) and not parts.username and parts.port != 0
        except ValueError:
            return False
    return not place


def fetch(profile: Profile, target: Path) -> tuple[str, str]:
    """Bring the newest table to `target`: its name and digest. Raises FileRefused."""
    return _from_folder(profile.place, target) if profile.origin == Origin.FOLDER else _from_url(profile.place, target)


def _from_folder(place: str, target: Path) -> tuple[str, str]:
    folder = watched_folder() / place
    files = [one for one in folder.iterdir() if _is_table(one)] if folder.is_dir() else []
    if not files:
        raise FileRefused(problem="imports.nothing_there")
    newest = max(files, key=lambda one: (one.stat().st_mtime, one.name))
    if newest.stat().st_size > settings.IMPORT_MOST_MB << 20:
        raise FileRefused(problem="imports.too_large", most=settings.IMPORT_MOST_MB)
    shutil.copyfile(newest, target)
    with target.open("rb") as file:
        return newest.name, hashlib.file_digest(file, "sha256").hexdigest()


def _is_table(path: Path) -> bool:
    """A file of its own; a link could lead out of the folder."""
    return path.suffix.lower() in _TABLES and path.is_file() and not path.is_symlink()


class _SameHost(urllib.request.HTTPRedirectHandler):
    """Follows only where the administrator has sent us."""

    def redirect_request(
        self, req: urllib.request.Request, fp: IO[bytes], code: int, msg: str, headers: Any, newurl: str
    ) -> urllib.request.Request | None:
        if urlsplit(newurl)[:2] != urlsplit(req.full_url)[:2]:
            raise FileRefused(problem="imports.led_elsewhere")
        return super().redirect_request(req, fp, code, msg, headers, newurl)


def _from_url(place: str, target: Path) -> tuple[str, str]:
    opener = urllib.request.build_opener(_SameHost, urllib.request.ProxyHandler({}))
    digest = hashlib.sha256()
    try:
        with opener.open(place, timeout=ANSWER_WITHIN_S) as answer, target.open("wb") as file:
            for chunk in _bounded(answer):
                digest.update(chunk)
                file.write(chunk)
            return _name(answer.headers, place), digest.hexdigest()
    except (URLError, HTTPException, OSError) as error:
        raise FileRefused(problem="imports.unreachable") from error


def _bounded(answer: IO[bytes]) -> Iterator[bytes]:
    """What it says, up to a size and a time."""
    size, ends = 0, time.monotonic() + LONGEST_S
    while chunk := answer.read(_CHUNK):
        size += len(chunk)
        if size > settings.IMPORT_MOST_MB << 20:
            raise FileRefused(problem="imports.too_large", most=settings.IMPORT_MOST_MB)
        if time.monotonic() > ends:
            raise FileRefused(problem="imports.unreachable")
        yield chunk


def _name(headers: Message, place: str) -> str:
    return headers.get_filename() or PurePosixPath(urlsplit(place).path).name or "table"
