"""Filling a template for a record: what is shown before, and what is made. Writes nothing."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.utils.timezone import localtime
from django.utils.translation import override
from jinja2 import TemplateError

from perezvon.foundation.access import Actor
from perezvon.foundation.files import store
from perezvon.foundation.people.models import Project, User
from perezvon.kernel.errors import Refused
from perezvon.kernel.texts import text_in
from perezvon.modules.documents import paper, word
from perezvon.modules.documents.filling import Environment, harmless
from perezvon.modules.documents.models import DocumentTemplate, Form, TemplateVersion
from perezvon.modules.documents.paper import Signature
from perezvon.modules.documents.registry import Subject, source_of
from perezvon.modules.documents.values import ZONE, common_values, examples_of, groups_for, known_of, words_in

UNNUMBERED = "\u2026"  # in what is only looked at


class CannotFill(Refused):
    """The template does not fit this record. facts: why."""

    code = "documents.cannot_fill"
    http_status = 422


@dataclass(frozen=True, slots=True)
class Filled:
    """A template with values in its places. html: of a page, or the words of a Word file; word: the file. is_closed:
    it says what not everybody may read."""

    title: str
    html: str
    word: bytes = b""
    is_closed: bool = False


def environment_for(template: DocumentTemplate, project: Project | None = None) -> Environment:
    zone = project.zone if project else ZONE
    return Environment(known_of(groups_for(template.kind)), words_in(template.language, zone))


def title_of(template: DocumentTemplate) -> str:
    return text_in(template.name, template.language) or template.code


def filled(
    version: TemplateVersion, subject: Subject, *, signer: User | None, number: str = UNNUMBERED, by: Actor,
    now: datetime,
) -> Filled:  # fmt: skip
    """As it is for this record. number: once it has one. Raises CannotFill, NotFound."""
    template = version.template
    project = Project.objects.filter(pk=subject.project_id).first() if subject.project_id else None
    author = User.objects.filter(pk=by.user_id).first() if by.user_id else None
    day = localtime(now, ZoneInfo(project.zone if project else ZONE)).date()
    with override(template.language):
        values: dict[str, Any] = dict(source_of(subject.kind).load(subject.key, by, now))
        values |= common_values(
            number=number, day=day, title=title_of(template), signer=signer, author=author or signer, project=project
        )
        return _fill(version, values, project)


def sample(version: TemplateVersion) -> Filled:
    """With an example in each place. Raises CannotFill."""
    template = version.template
    with override(template.language):
        return _fill(version, examples_of(groups_for(template.kind), template.language), None)


def _fill(version: TemplateVersion, values: Mapping[str, Any], project: Project | None) -> Filled:
    template = version.template
    environment, context = environment_for(template, project), harmless(values)
    try:
        if template.form == Form.WORD:
            made = word.fill(_content(version), context, environment)
            return Filled(title_of(template), word.html_of(made), made, environment.uses_closed)
        html = environment.from_string(paper.as_template(version.body)).render(context)
    except (TemplateError, TypeError, ValueError, OSError, RecursionError) as error:
        raise CannotFill(why=str(error)[:200]) from None
    who = context["signer"]
    signature = Signature(who.get("position", ""), who.get("name", "")) if template.is_signed and who else None
    signed = paper.with_signature(paper.clean(html), signature)
    return Filled(title_of(template), signed, is_closed=environment.uses_closed)


def _content(version: TemplateVersion) -> bytes:
    return store.path_of(version.file.sha256).read_bytes() if version.file else b""


def content_of(made: Filled, *, code: str, language: str) -> bytes:
    """The file itself: Word as it was filled, a page as PDF. Raises NoPango, TooLong."""
    if made.word:
        return made.word
    return paper.pdf_of(made.html, title=made.title, footer=f"{made.title} \u2116 {code}", language=language)
