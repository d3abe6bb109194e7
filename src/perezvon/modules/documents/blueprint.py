"""Templates in blueprints: documents: [{code, kind, name, form, language, category, project, body | word, …}].

word: {name, base64} of a Word file. What a file says is in force once it is loaded; a draft stays in the installation.
"""

from __future__ import annotations

import base64
import re
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from perezvon.foundation.access import Actor
from perezvon.foundation.configuration.parts import Blueprint, Part, register_part
from perezvon.foundation.files import store
from perezvon.foundation.people.models import Project
from perezvon.modules.documents import services
from perezvon.modules.documents.models import DocumentTemplate, Form
from perezvon.modules.documents.paper import clean
from perezvon.modules.documents.services import TemplateWanted
from perezvon.modules.documents.word import MOST_BYTES

_BETWEEN = re.compile(r"> +<")


def load_documents(blueprint: Blueprint, by: Actor, now: datetime) -> None:
    """Make and publish what the part names; others stay, and so do those that are so already."""
    projects = dict(Project.objects.values_list("code", "pk"))
    known = {one.code: one for one in _templates()}
    for row in blueprint["documents"]:
        kept = known.get(row["code"])
        if kept is None or _exported(kept) != _usual(row):
            _load(row, kept, projects, by, now)


def _usual(row: Mapping[str, Any]) -> dict[str, Any]:
    """As it would be exported."""
    return {**row, "body": _joined(row["body"])} if "body" in row else dict(row)


def _joined(body: str) -> str:
    """In one line, as the editor writes it: a file may break it anywhere."""
    return clean(_BETWEEN.sub("><", " ".join(line.strip() for line in body.splitlines())).strip())


def _load(
    row: Mapping[str, Any], kept: DocumentTemplate | None, projects: Mapping[str, int], by: Actor, now: datetime
) -> None:
    word = row.get("word")
    content = store.put([base64.b64decode(word["base64"])], most=MOST_BYTES) if word else None
    wanted = TemplateWanted(
        code=row["code"],
        kind=row["kind"],
        name=row["name"],
        form=row.get("form", Form.PAGE),
        language=row.get("language", "ru"),
        category=row.get("category", ""),
        project_id=projects[row["project"]] if row.get("project") else None,
        is_signed=row.get("signed", True),
        body=_joined(row.get("body", "")),
        word=content,
        word_name=word["name"] if word else "",
    )
    if kept is None:
        template = services.write_template(wanted=wanted, by=by, now=now)
    else:
        template = services.change_template(template_id=kept.pk, version=kept.version, wanted=wanted, by=by, now=now)
    draft = template.versions.order_by("-number").values_list("number", flat=True)[0]
    services.publish_template(template_id=template.pk, number=draft, by=by, now=now)
    services.switch_template(template_id=template.pk, is_active=row.get("in_use", True), by=by, now=now)


def export_documents() -> dict[str, Any]:
    """The part that makes the templates in force."""
    return {"documents": [_exported(one) for one in _templates() if one.current]}


def _templates() -> list[DocumentTemplate]:
    return list(DocumentTemplate.objects.select_related("current__file", "project"))


def _exported(one: DocumentTemplate) -> dict[str, Any]:
    said: dict[str, Any] = {"code": one.code, "kind": one.kind, "name": one.name}
    said |= {"form": one.form} if one.form != Form.PAGE else {}
    said |= {"language": one.language} if one.language != "ru" else {}
    said |= {"category": one.category} if one.category else {}
    said |= {"project": one.project.code} if one.project else {}
    said |= {} if one.is_signed else {"signed": False}
    said |= {} if one.is_active else {"in_use": False}
    if one.current is None:
        return said
    if one.current.file is not None:
        content = store.path_of(one.current.file.sha256).read_bytes()
        return said | {"word": {"name": one.current.file.name, "base64": base64.b64encode(content).decode()}}
    return said | {"body": one.current.body}


register_part(Part("documents", ("documents",), load_documents, export_documents, order=97))
