"""What demo customers talk about and what operators write down, drawn from the blueprint's list of talks."""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from importlib import resources
from typing import Any

import yaml
from pydantic import BaseModel

from perezvon.modules.interactions.services import needed

_KEPT_SHARE = 0.98  # of promised calls are made
_SECOND_TOPIC_SHARE = 0.12
_ASIDE_SHARE = 0.14
_SECOND_NOTE_SHARE = 0.08
_NO_NOTE_SHARE = 0.12


class Talk(BaseModel):
    """One kind of talk. often: by project; trend: growth over the whole history; incident: when something failed."""

    topic: tuple[str, ...]
    often: dict[str, float]
    trend: float = 0.0
    incident: float = 1.0
    results: dict[str, float]
    notes: list[str]


class Talks(BaseModel):
    """All of them, and the words that their notes are filled with."""

    talks: list[Talk]
    asides: list[str]
    comments: list[str]
    fields: dict[str, str] = {}
    words: dict[str, list[str]]


@dataclass(frozen=True, slots=True)
class Result:
    """A result of the project as far as writing it up needs it. requires: fields; reasons: codes to choose from."""

    code: str
    requires: tuple[str, ...]
    reasons: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Said:
    """What an operator writes up: paths of topics, notes in order, the result with its fields."""

    topics: tuple[tuple[str, ...], ...]
    notes: tuple[str, ...]
    result: str
    fields: dict[str, str]


def read_talks(name: str) -> Talks:
    """The talks of a blueprint that ships: bank."""
    text = resources.files("perezvon.project").joinpath("blueprints", f"{name}_talks.yaml").read_text("utf-8")
    parsed: Any = yaml.safe_load(text)
    return Talks.model_validate(parsed)


@dataclass(slots=True)
class Scribe:
    """Draws write-ups. results: by code, those that people may choose."""

    talks: Talks
    results: Mapping[str, Result]
    chance: random.Random

    def write(self, *, project: str, now: datetime, age: float = 1.0, incident: bool = False) -> Said:
        """age: 0.0 on the first day of the history, 1.0 today: some topics grow, others shrink."""
        talk = self._draw(project, age, incident)
        topics = [talk.topic]
        if self.chance.random() < _SECOND_TOPIC_SHARE:
            topics.append(self._draw(project, age, incident).topic)
        code = self._pick(list(talk.results), list(talk.results.values()))
        return Said(
            tuple(dict.fromkeys(topics)), self._notes(talk, now), code, self._fields(self.results[code], talk, now)
        )

    def _draw(self, project: str, age: float, incident: bool) -> Talk:
        weights = [
            talk.often.get(project, 0.0) * (1 + talk.trend * age) * (talk.incident if incident else 1.0)
            for talk in self.talks.talks
        ]
        return self.chance.choices(self.talks.talks, weights)[0]

    def _pick(self, values: Sequence[str], weights: Sequence[float]) -> str:
        return self.chance.choices(values, weights)[0]

    def _notes(self, talk: Talk, now: datetime) -> tuple[str, ...]:
        if self.chance.random() < _NO_NOTE_SHARE:
            return ()
        first = self._fill(self.chance.choice(talk.notes), now)
        if first and self.chance.random() < _ASIDE_SHARE:
            first = f"{first} {self.chance.choice(self.talks.asides)}"
        notes = [first]
        if self.chance.random() < _SECOND_NOTE_SHARE:
            notes.append(self.chance.choice(self.talks.asides))
        return tuple(dict.fromkeys(note for note in notes if note))

    def _fill(self, note: str, now: datetime) -> str:
        drawn = {name: self.chance.choice(words) for name, words in self.talks.words.items()}
        thousands = self.chance.choice((0.35, 1.2, 4.99, 12, 25, 60, 150, 300, 480, 750, 1_200, 2_500))
        return note.format(
            **drawn,
            sum=f"{round(thousands * 1000):,}".replace(",", "\u00a0"),
            card=f"{self.chance.randrange(10_000):04}",
            days=self.chance.randint(2, 12),
            date=f"{now + timedelta(days=self.chance.randint(1, 9)):%d.%m}",
            hour=self.chance.randint(9, 18),
            rate=f"{self.chance.randint(119, 248) / 10}".replace(".", ","),
        )

    def _fields(self, result: Result, talk: Talk, now: datetime) -> dict[str, str]:
        """What the result asks for, filled as a person would."""
        fields: dict[str, str] = {}
        for name in needed(result.requires):
            match name:
                case "reason" if result.reasons:
                    fields[name] = self.chance.choice(result.reasons)
                case "callback_at":
                    at = now + timedelta(days=self.chance.randint(1, 4), minutes=15 * self.chance.randint(-12, 12))
                    fields[name] = at.replace(second=0, microsecond=0).isoformat()
                    if self.chance.random() < _KEPT_SHARE:
                        fields["called_back"] = fields[name]
                case "visit_at":
                    at = now + timedelta(days=self.chance.randint(2, 6))
                    fields[name] = at.replace(hour=9, minute=0, second=0, microsecond=0).isoformat()
                case _ if name in self.talks.fields:
                    fields[name] = self.talks.fields[name]
                case _:
                    fields[name] = self.chance.choice(self.talks.comments)
        return fields
