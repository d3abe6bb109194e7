"""What every connector that carries messages must do; each inherits these tests with a bench of its own."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any, ClassVar, Protocol

import pytest

from perezvon.ports.messages import Attachment, Message, Messenger, NotTaken, Rejected, Unsure, Way

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)
# Line breaks, quotes and signs of markup that must stay inside the text; no sign beyond the basic plane.
TEXT = (
    "\u0423\u0432\u0430\u0436\u0430\u0435\u043c\u0430\u044f \u0415\u043b\u0435\u043d\u0430!\n"
    '\u0412\u0430\u0448 \u043a\u043e\u0434: 5 & 6; "\u0434\u0430" <b>\u043d\u0435\u0442</b> {id} 100 % '
    "\u2014 all.\n.\nEND"
)
SUBJECT = "\u041e \u0434\u043e\u0433\u043e\u0432\u043e\u0440\u0435"
FILE = Attachment(
    "\u041e\u0442\u0432\u0435\u0442 \u2116 00012 \u00abda\u00bb.pdf",
    "application/pdf",
    b"%PDF-1.7\r\n.\r\n\x00\xff" * 99,
)
HOSTILE = "Hello\r\nBcc: everybody@example.org\r\n\r\nbody"


class Arrived(Protocol):
    """A message as the other side got it."""

    to: str
    text: str
    subject: str
    id: str
    attachments: Sequence[Attachment]


class Bench(Protocol):
    """The other side, real, on this machine. answer: "well", "later", "never" or "silence" from now on."""

    messenger: Messenger
    way: Way
    address: str

    def arrived(self) -> list[Arrived]: ...

    def answer(self, how: str) -> None: ...

    def leave(self) -> None: ...


class Carries:
    """What it is given arrives as it is."""

    has_subjects: ClassVar[bool] = True
    has_files: ClassVar[bool] = False

    def message(self, bench: Bench, **more: Any) -> Message:
        return Message(bench.way, bench.address, **{"text": TEXT, "id": "0192-one", **more})

    def test_a_message_arrives_word_for_word(self, bench: Bench) -> None:
        bench.messenger.send(self.message(bench, subject=SUBJECT), now=NOON)

        [got] = bench.arrived()
        assert got.to == bench.address
        assert got.text.rstrip("\n") == TEXT
        if self.has_subjects:
            assert got.subject == SUBJECT

    def test_the_same_message_is_known_by_the_same_id(self, bench: Bench) -> None:
        for _time in range(2):
            bench.messenger.send(self.message(bench), now=NOON)

        first, second = bench.arrived()
        assert first.id == second.id
        assert "0192-one" in first.id

    def test_no_text_becomes_anything_but_text(self, bench: Bench) -> None:
        bench.messenger.send(self.message(bench, text=HOSTILE, subject=HOSTILE), now=NOON)

        [got] = bench.arrived()
        assert got.text.rstrip("\n") == HOSTILE.replace("\r\n", "\n") or got.text == HOSTILE
        assert got.to == bench.address
        assert "\n" not in got.subject

    def test_a_file_arrives_byte_for_byte_under_its_name(self, bench: Bench) -> None:
        if not self.has_files:
            return  # an SMS has none
        files = (FILE, Attachment("empty.docx", "application/octet-stream", b""))
        bench.messenger.send(self.message(bench, attachments=files), now=NOON)

        [got] = bench.arrived()
        assert tuple(got.attachments) == files
        assert got.text.rstrip("\n") == TEXT

    def test_what_it_keeps_it_tells_and_the_rest_is_nothing(self, bench: Bench) -> None:
        bench.messenger.send(self.message(bench), now=NOON)

        assert len(bench.messenger.recent(5)) in {0, 1}
        assert bench.messenger.read_report({}) is None


class TellsFailures:
    """Taken, not taken, never taken and perhaps taken are four things."""

    def message(self, bench: Bench) -> Message:
        return Message(bench.way, bench.address, "text", "subject", "0192-two")

    def test_one_that_is_busy_is_asked_later(self, bench: Bench) -> None:
        bench.answer("later")
        with pytest.raises(NotTaken) as refused:
            bench.messenger.send(self.message(bench), now=NOON)

        assert refused.value.facts["said"]
        assert bench.arrived() == []
        bench.answer("well")
        bench.messenger.send(self.message(bench), now=NOON)
        assert len(bench.arrived()) == 1

    def test_a_no_is_for_good(self, bench: Bench) -> None:
        bench.answer("never")
        with pytest.raises(Rejected) as refused:
            bench.messenger.send(self.message(bench), now=NOON)

        assert refused.value.facts["said"]
        assert bench.arrived() == []

    def test_one_that_is_away_has_not_taken_it(self, bench: Bench) -> None:
        bench.leave()
        with pytest.raises(NotTaken):
            bench.messenger.send(self.message(bench), now=NOON)

    def test_silence_after_the_handing_over_may_mean_anything(self, bench: Bench) -> None:
        bench.answer("silence")
        with pytest.raises(Unsure):
            bench.messenger.send(self.message(bench), now=NOON)
