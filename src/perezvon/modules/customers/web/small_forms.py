"""A page with one short form: what is asked, what was typed, what is wrong with it at its field."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils.functional import Promise
from django.utils.translation import gettext as _

from perezvon.foundation.web.render import render_page
from perezvon.kernel import checks
from perezvon.kernel.checks import Wrong
from perezvon.modules.customers.values import Problem
from perezvon.modules.customers.web.words import field_name, problem_words

type Text = str | Promise


@dataclass(frozen=True, slots=True)
class Asked:
    """A field of the form. kind: "text", "choice", "date" or "tick". name: as `words.FIELDS` knows it."""

    name: str
    kind: str = "text"
    choices: Sequence[tuple[str, Text]] = ()
    required: bool = False
    wide: bool = False
    hint: Text = ""


@dataclass(frozen=True, slots=True)
class FormPage:
    """steps: where the page stands, as ui/breadcrumb.html takes it. submit: the words of its button.

    hidden: what the form sends back unseen, such as the version that was read.
    """

    title: str
    group: str
    submit: str
    back_url: str
    steps: Sequence[Mapping[str, str]]
    about: str = ""
    asked: Sequence[Asked] = ()
    hidden: Mapping[str, str] = field(default_factory=dict)


def draw(
    request: HttpRequest, page: FormPage, given: Mapping[str, str], problems: Mapping[str, Problem] | None = None
) -> HttpResponse:
    """The page with what was typed; 422 when something is wrong."""
    wrong = problems or {}
    context = {
        "page": page,
        "groups": [{"title": page.group, "fields": [_field(one, given, wrong) for one in page.asked]}],
        "hidden": {name: given.get(name, value) for name, value in page.hidden.items()},
        "problems": [{"field": name, "label": field_name(name)} for name in wrong],
        "post_url": request.get_full_path(),
    }
    return render_page(request, "customers/form.html", context, part="workspace", status=422 if wrong else 200)


def day_of(given: Mapping[str, str], name: str, problems: dict[str, Problem]) -> date | None:
    """The day typed, None for nothing; what is no day is added to the problems."""
    text = given.get(name, "").strip()
    try:
        return checks.day(text) if text else None
    except Wrong as wrong:
        problems[name] = Problem(wrong.code, wrong.facts)
        return None


def _field(asked: Asked, given: Mapping[str, str], problems: Mapping[str, Problem]) -> dict[str, Any]:
    return {
        "name": asked.name,
        "label": field_name(asked.name),
        "value": given.get(asked.name, ""),
        "type": "text",
        "wide": asked.wide,
        "choices": asked.choices,
        "is_tick": asked.kind == "tick",
        "required": asked.required,
        "placeholder": _("DD.MM.YYYY") if asked.kind == "date" else "",
        "hint": asked.hint,
        "error": problem_words(problems[asked.name]) if asked.name in problems else "",
    }
