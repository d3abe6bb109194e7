"""Files served inert: never run, never guessed at, in parts where the browser asks for parts."""

from __future__ import annotations

import re
from pathlib import Path

from django.http import FileResponse, HttpRequest, HttpResponse

_RANGE = re.compile(r"bytes=(\d*)-(\d*)")
PART_LIMIT = 1 << 20


def file_in_parts(request: HttpRequest, path: Path, content_type: str) -> FileResponse | HttpResponse:
    """The file, or the byte range that was asked for (RFC 9110 §14): a player can seek in it."""
    size = path.stat().st_size
    asked = _RANGE.fullmatch(request.headers.get("Range", ""))
    response: FileResponse | HttpResponse
    if asked is None or not any(asked.groups()):
        response = FileResponse(path.open("rb"), content_type=content_type)
    else:
        first, last = _bounds(asked[1], asked[2], size)
        if first > last:
            response = HttpResponse(status=416)
            response["Content-Range"] = f"bytes */{size}"
            return response
        with path.open("rb") as file:
            file.seek(first)
            response = HttpResponse(file.read(last - first + 1), status=206, content_type=content_type)
        response["Content-Range"] = f"bytes {first}-{last}/{size}"
    response["Accept-Ranges"] = "bytes"
    response["Content-Security-Policy"] = "sandbox; default-src 'none'"
    response["Cache-Control"] = "private, no-store"
    return response


def _bounds(first: str, last: str, size: int) -> tuple[int, int]:
    if not first:
        return max(0, size - int(last)), size - 1
    end = min(int(last), size - 1) if last else size - 1
    return int(first), min(end, int(first) + PART_LIMIT - 1)
