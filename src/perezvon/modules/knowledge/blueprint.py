"""The tree and the words that mean the same in blueprints. A section is known by its code, a project too.

knowledge_sections: [{code, name, library, position, in_use, project, below: [those]}]
synonyms: [[word, word, …]]; a row that shares a word with one that is there takes its place
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from perezvon.foundation.access import Actor
from perezvon.foundation.configuration.parts import Blueprint, Part, register_part
from perezvon.foundation.people.models import Project
from perezvon.modules.knowledge import services
from perezvon.modules.knowledge.models import Section, Synonyms
from perezvon.modules.knowledge.services import SectionWanted


def load_knowledge(blueprint: Blueprint, by: Actor, now: datetime) -> None:
    """Make what the parts name; other sections, words and all articles stay."""
    projects = dict(Project.objects.values_list("code", "pk"))
    known = {one.code: one for one in Section.objects.all()}
    _load_below(blueprint.get("knowledge_sections", []), None, known, projects, by, now)
    for words in blueprint.get("synonyms", []):
        _load_words(words, by, now)


def _load_below(
    rows: Sequence[Mapping[str, Any]],
    parent_id: int | None,
    known: Mapping[str, Section],
    projects: Mapping[str, int],
    by: Actor,
    now: datetime,
) -> None:
    for position, row in enumerate(rows):
        wanted = SectionWanted(
            row["code"],
            row["name"],
            parent_id,
            projects[row["project"]] if row.get("project") else None,
            row.get("library", False),
            row.get("position", position),
            row.get("in_use", True),
        )
        section = known.get(row["code"])
        if section is None:
            section = services.save_section(section_id=None, version=0, wanted=wanted, by=by, now=now)
        elif _wanted(section) != wanted:
            section = services.save_section(
                section_id=section.pk, version=section.version, wanted=wanted, by=by, now=now
            )
        _load_below(row.get("below", []), section.pk, known, projects, by, now)


def _wanted(one: Section) -> SectionWanted:
    """What would make it as it is."""
    return SectionWanted(one.code, one.name, one.parent_id, one.project_id, one.is_library, one.position, one.is_active)


def _load_words(words: Sequence[str], by: Actor, now: datetime) -> None:
    text = ", ".join(words)
    said = [" ".join(word.lower().split()) for word in words]
    row = Synonyms.objects.filter(words__overlap=said).first()
    if row is None or row.words != said:
        services.save_synonyms(synonyms_id=row.pk if row else None, text=text, by=by, now=now)


def export_knowledge() -> dict[str, Any]:
    """The parts that make the tree and the words that there are."""
    below: dict[int | None, list[Section]] = {}
    for one in Section.objects.select_related("project"):
        below.setdefault(one.parent_id, []).append(one)
    return {
        "knowledge_sections": [_exported(one, below) for one in below.get(None, [])],
        "synonyms": [list(row.words) for row in Synonyms.objects.all()],
    }


def _exported(one: Section, below: Mapping[int | None, list[Section]]) -> dict[str, Any]:
    said: dict[str, Any] = {"code": one.code, "name": one.name, "position": one.position}
    said |= {"library": True} if one.is_library else {}
    said |= {} if one.is_active else {"in_use": False}
    said |= {"project": one.project.code} if one.project else {}
    children = [_exported(child, below) for child in below.get(one.pk, [])]
    return said | ({"below": children} if children else {})


register_part(Part("knowledge", ("knowledge_sections", "synonyms"), load_knowledge, export_knowledge, order=75))
