"""For development and demonstrations: messages go nowhere, they are kept in a file and can be read."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from pathlib import Path

from perezvon.ports.messages import Attachment, Message, Receipt, Report, Sent, Way

LIMIT_BYTES = 1_000_000


class KeptMessages:
    """A messenger that writes one line of JSON per message into a file only we can read."""

    knows_repeats = True

    def __init__(self, path: Path) -> None:
        self._path = path

    def send(self, message: Message, *, now: datetime) -> Receipt:
        self._path.parent.mkdir(parents=True, exist_ok=True)
        if self._path.exists() and self._path.stat().st_size > LIMIT_BYTES:
            self._path.replace(self._older)
        said = {name: getattr(message, name) for name in ("way", "to", "text", "subject", "id")}
        files = [[one.name, one.kind] for one in message.attachments]  # that they went along, not what they hold
        line = json.dumps({**said, "files": files, "at": now.isoformat()}) + "\n"
        # One write of one short line: processes that send at once do not mix theirs.
        with open(self._path, "a", opener=_private) as file:
            file.write(line)
        return Receipt()

    def recent(self, limit: int) -> Sequence[Sent]:
        lines = [line for path in (self._older, self._path) if path.exists() for line in path.read_text().splitlines()]
        return list(_read(lines[: -limit - 1 : -1]))

    def read_report(self, given: Mapping[str, str]) -> Report | None:
        return None

    @property
    def _older(self) -> Path:
        return self._path.with_suffix(".older")


def _private(path: str, flags: int) -> int:
    return os.open(path, flags, 0o600)


def _read(lines: Sequence[str]) -> Iterator[Sent]:
    for line in lines:
        row = json.loads(line)
        files = tuple(Attachment(name, kind, b"") for name, kind in row.get("files", ()))
        message = Message(Way(row["way"]), row["to"], row["text"], row["subject"], row.get("id", ""), files)
        yield Sent(message, datetime.fromisoformat(row["at"]))
