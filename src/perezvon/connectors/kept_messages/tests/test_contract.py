from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import pytest

from perezvon.connectors.kept_messages import KeptMessages
from perezvon.ports.contracts import messages as contract
from perezvon.ports.messages import Message, Way


@dataclass
class File:
    path: Path
    way: Way = Way.EMAIL
    address: str = "anna@mail.example"

    @property
    def messenger(self) -> KeptMessages:
        return KeptMessages(self.path)

    def arrived(self) -> list[Message]:
        return [sent.message for sent in reversed(self.messenger.recent(10))]


@pytest.fixture
def bench(tmp_path):
    return File(tmp_path / "messages.jsonl")


class TestCarries(contract.Carries):
    has_subjects = True

    def test_no_text_becomes_anything_but_text(self, bench):
        """A file of JSON has no headers: what is kept is what was given."""
        bench.messenger.send(self.message(bench, text=contract.HOSTILE), now=contract.NOON)

        assert [one.text for one in bench.arrived()] == [contract.HOSTILE]
