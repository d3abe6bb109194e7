"""Answers as rows, once a conversation has ended: what statistics are made of."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any

from perezvon.cores.scripting import Stage
from perezvon.cores.scripting.knowing import node_of
from perezvon.cores.scripting.model import Ask, Field, Stored
from perezvon.cores.scripting.model import Run as Talk
from perezvon.foundation.access import Actor
from perezvon.foundation.commands.services import command
from perezvon.foundation.lists.columns import Exported
from perezvon.modules.scripting.facts import OWN
from perezvon.modules.scripting.models import Run, RunAnswer, ScenarioVersion
from perezvon.modules.scripting.selectors import MANAGE, Wanted, exported, library_of


def keep_answers(row: Run, stage: Stage, talk: Talk) -> None:
    """Of all that it asked on the way it took; a branch that was left does not count. One query."""
    RunAnswer.objects.bulk_create(rows_of(row, stage, talk))


def rows_of(row: Run, stage: Stage, talk: Talk) -> list[RunAnswer]:
    """Its answers as rows that are not saved yet."""
    versions = {key: pk for pk in row.pinned for key in library_of([pk])}
    asked = {(step.place.scenario, field.code): field for step in talk.path
             for field in node_of(stage.library, step).fields}  # fmt: skip
    return [
        RunAnswer(run=row, version_id=versions[scenario], field=code[:150], **filled)
        for (scenario, code), field in asked.items()
        if talk.answers.get(code) and not field.binds.startswith(OWN)
        for filled in _filled(field, talk.answers[code])
    ]


def _filled(field: Field, stored: Stored) -> Iterator[dict[str, Any]]:
    if not isinstance(stored, str):
        pairs = (one.rpartition(":") if field.ask == Ask.MATRIX else ("", "", one) for one in stored)
        yield from ({"row": place[:150], "option": option[:150]} for place, _sign, option in pairs)
    elif field.ask in {Ask.NUMBER, Ask.SCALE}:
        yield {"number": Decimal(stored)}
    elif field.ask in {Ask.ONE, Ask.FLAG}:
        yield {"option": stored[:150]}
    else:
        yield {"text": stored}


@command("scripting.export_answers", needs=MANAGE, reads=True)
def export_answers(
    *, version: ScenarioVersion, wanted: Wanted, language: str, by: Actor, now: datetime
) -> tuple[Sequence[tuple[str, int]], Iterator[Sequence[Exported]]]:
    """As selectors.exported, and it is kept who took them away."""
    return exported(version, wanted, by=by, now=now, language=language)
