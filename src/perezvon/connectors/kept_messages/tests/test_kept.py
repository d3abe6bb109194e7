from __future__ import annotations

from datetime import UTC, datetime, timedelta

from perezvon.connectors.kept_messages import LIMIT_BYTES, KeptMessages
from perezvon.ports.messages import Message, Way

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)


def test_keeps_what_was_sent_newest_first(tmp_path):
    kept = KeptMessages(tmp_path / "home" / "messages.jsonl")
    assert kept.recent(10) == []
    letters = [
        Message(Way.EMAIL, "olga@bank.example", f"code {number}\nof two lines", "Signing in") for number in range(3)
    ]
    for minute, letter in enumerate(letters):
        kept.send(letter, now=NOON + timedelta(minutes=minute))

    found = kept.recent(2)

    assert [one.message for one in found] == [letters[2], letters[1]]
    assert found[0].at == NOON + timedelta(minutes=2)


def test_only_its_owner_reads_the_file(tmp_path):
    path = tmp_path / "messages.jsonl"
    KeptMessages(path).send(Message(Way.SMS, "+79160002119", "code"), now=NOON)

    assert path.stat().st_mode & 0o777 == 0o600


def test_forgets_the_oldest_when_there_are_many(tmp_path):
    kept = KeptMessages(tmp_path / "messages.jsonl")
    long = Message(Way.SMS, "+79160002119", "x" * (LIMIT_BYTES // 4))
    for _ in range(12):
        kept.send(long, now=NOON)

    assert sum(path.stat().st_size for path in tmp_path.iterdir()) < 3 * LIMIT_BYTES
    assert kept.recent(1)
