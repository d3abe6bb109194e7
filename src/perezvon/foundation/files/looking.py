"""What a worker does with a content: has it scanned for viruses, then takes the words out of it, apart."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime, timedelta
from functools import cache
from typing import Any

import structlog
from django.conf import settings
from django.contrib.postgres.search import SearchVector
from django.db import transaction
from django.db.models import Exists, F, OuterRef, Q, QuerySet, Value
from django.utils.module_loading import import_string

from perezvon.foundation.files import store
from perezvon.foundation.files.events import FilesChanged
from perezvon.foundation.files.models import CLOSED, SAID, File, FileContent, Reading, Scan
from perezvon.foundation.files.names import ending_of
from perezvon.foundation.files.reading import read_apart
from perezvon.foundation.outbox.services import publish
from perezvon.ports.scanning import Scanner, ScannerAway, Verdict

log = structlog.get_logger()

AGAIN_AFTER = timedelta(minutes=4)
MOST_AT_ONCE = 100
MOST_MET_AT_ONCE = 10_000
# PostgreSQL's Russian configuration takes Latin words to their English stems, so one serves both languages.
CONFIG = "russian"
MOST_SEARCHED = 200_000  # letters: a vector of words holds up to 1 MB


@cache
def find_scanner() -> Scanner | None:
    """None where none is set up (settings.SCANNER)."""
    made: Scanner | None = import_string(settings.SCANNER)()
    return made


def can_look() -> bool:
    """Whether the scanner, if there is one, answers."""
    scanner = find_scanner()
    try:
        return scanner is None or bool(scanner.check())
    except ScannerAway:
        return False


def look_into(sha256: str, *, now: Callable[[], datetime]) -> None:
    """Scan and read it, as far as that is still to be done. Killed at any point, it may be done again."""
    content = FileContent.objects.filter(pk=sha256).first()
    path = store.path_of(sha256)
    FileContent.objects.filter(pk=sha256).update(tried_at=now())  # one that is gone must not stay at the head for ever
    if content is None or not path.exists() or not _scanned(content, now):
        return
    if content.scan in CLOSED:
        _keep(content, {"reading": Reading.NONE}, now())
    elif content.reading == Reading.WAITING:
        _keep(content, _said(read_apart(path, content.ending)), now())


def _scanned(content: FileContent, now: Callable[[], datetime]) -> bool:
    """Whether it may be gone on with."""
    scanner = find_scanner()
    if scanner is None or content.scan in SAID:
        return True
    try:
        with store.path_of(content.sha256).open("rb") as file:
            verdict = scanner.scan(file)
    except ScannerAway as away:
        log.info("files.scanner_away", said=away.facts.get("said"))
        return False
    content.scan = _said_by(verdict)
    content.threat = verdict.threat
    if verdict.threat:
        log.warning("files.infected", sha256=content.sha256, threat=verdict.threat)
    _keep(content, {"scan": content.scan, "threat": content.threat, "scanned_at": now()}, now())
    return True


def _said_by(verdict: Verdict) -> Scan:
    if verdict.threat:
        return Scan.INFECTED
    return Scan.TOO_LARGE if verdict.is_too_large else Scan.CLEAN


def _said(found: Mapping[str, Any]) -> dict[str, Any]:
    """Values of a content from what the reader printed; a process that something hostile has run prints anything."""
    if problem := found.get("problem"):
        problem = str(problem)[:20]
        return {"reading": Reading.NONE if problem == "nothing" else Reading.FAILED, "problem": problem}
    blocks = [_block(one) for one in found.get("blocks", ())]
    text = "\n".join(line for block in blocks for line in lines_of(block))
    return {
        "reading": Reading.DONE,
        "pages": int(found.get("pages", 0)),
        "is_cut": bool(found.get("cut")),
        "blocks": blocks,
        "text": text,
        "words": SearchVector(Value(text[:MOST_SEARCHED]), config=CONFIG),
    }


def _block(one: Mapping[str, Any]) -> dict[str, Any]:
    title = str(one.get("title", ""))
    if "rows" in one:
        return {"title": title, "rows": [[str(cell) for cell in row] for row in one["rows"]]}
    return {"title": title, "lines": [str(line) for line in one.get("lines", ())]}


def lines_of(block: Mapping[str, Any]) -> Iterable[str]:
    """The words of a block, a line for each paragraph or row."""
    return (" ".join(row) for row in block["rows"]) if "rows" in block else block["lines"]


@transaction.atomic
def _keep(content: FileContent, values: Mapping[str, Any], now: datetime) -> None:
    FileContent.objects.filter(pk=content.pk).update(**values)
    for kind, record in File.objects.filter(sha256=content.pk).order_by().values_list("kind", "record").distinct():
        publish(FilesChanged(kind=kind, record=record), now=now)


def contents_to_look_into(*, now: datetime) -> list[str]:
    """Those that were left, among them files of a time before anybody looked into any; those never tried first."""
    found = _left(now)
    return _left(now) if len(found) < MOST_AT_ONCE and _meet() else found


def _meet() -> int:
    """Makes contents of files that have none yet. How many."""
    strangers = without_content().order_by("at").values_list("sha256", "name")[:MOST_MET_AT_ONCE]
    met = [FileContent(sha256=sha256, **first_values(name)) for sha256, name in strangers]
    return len(FileContent.objects.bulk_create(met, ignore_conflicts=True))


def without_content() -> QuerySet[File]:
    """Files of whose content nothing is known."""
    # Not by exclude(sha256__in=…): NOT IN goes through all contents for each file.
    return File.objects.filter(~Exists(FileContent.objects.filter(sha256=OuterRef("sha256"))))


def _left(now: datetime) -> list[str]:
    to_do = Q(reading=Reading.WAITING)
    if find_scanner() is not None:
        to_do |= Q(scan__in=[Scan.NEVER, Scan.WAITING])
    rested = Q(tried_at=None) | Q(tried_at__lt=now - AGAIN_AFTER)
    found = FileContent.objects.filter(to_do & rested).order_by(F("tried_at").asc(nulls_first=True), "sha256")
    return list(found.values_list("sha256", flat=True)[:MOST_AT_ONCE])


def first_values(name: str) -> dict[str, Any]:
    """Of a content that has just come."""
    return {"ending": ending_of(name)[:10], "scan": Scan.WAITING if find_scanner() else Scan.NEVER}
