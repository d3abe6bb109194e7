"""A page with one short form: what is asked, what was typed, what is wrong with it at its field."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _

from perezvon.foundation.fields.words import problem_words
from perezvon.foundation.web.render import render_page
from perezvon.kernel import checks
from perezvon.kernel.checks import Wrong

type Text = str | Promise
type More = Callable[[Mapping[str, str], Mapping[str, str]], list[dict[str, Any]]]

_LONGEST_KEY = 18
_PLACEHOLDERS: dict[str, Callable[[], str]] = {
    "date": lambda: _("DD.MM.YYYY"),
    "moment": lambda: _("DD.MM.YYYY HH:MM"),
}


@dataclass(frozen=True, slots=True)
class Asked:
    """A field of the form. kind: "text", "lines", "choice", "date", "moment" or "tick"."""

    name: str
    kind: str = "text"
    choices: Sequence[tuple[str, Text]] = ()
    required: bool = False
    wide: bool = False
    hint: Text = ""
    label: Text = ""


@dataclass(frozen=True, slots=True)
class FormPage:
    """steps: where the page stands, as ui/breadcrumb.html takes it. submit: the words of its button.

    hidden: what the form sends back unseen, such as the version that was read. more: further groups of fields, as
    fields/_groups.html takes them, from what was typed and what is wrong with it. facts: what is only
    read, [{title, rows}].
    """

    title: str
    group: str
    submit: str
    back_url: str
    steps: Sequence[Mapping[str, str]]
    about: str = ""
    asked: Sequence[Asked] = ()
    hidden: Mapping[str, str] = field(default_factory=dict)
    more: More | None = None
    facts: Sequence[Mapping[str, Any]] = ()


def draw(request: HttpRequest, page: FormPage, given: Mapping[str, str], errors: Mapping[str, str]) -> HttpResponse:
    """The page with what was typed; 422 when something is wrong. errors: words, by field."""
    asked = [{"title": page.group, "fields": [_field(one, given, errors) for one in page.asked]}] if page.asked else []
    groups = [*asked, *(page.more(given, errors) if page.more else [])]
    labels = {one["name"]: one["label"] for group in groups for one in group["fields"]}
    context = {
        "page": page,
        "groups": groups,
        "hidden": {name: given.get(name, value) for name, value in page.hidden.items()},
        "problems": [{"field": name, "label": labels.get(name, name)} for name in errors],
        "post_url": request.get_full_path(),
    }
    return render_page(request, "fields/form.html", context, part="workspace", status=422 if errors else 200)


def typed_day(given: Mapping[str, str], name: str, errors: dict[str, str]) -> date | None:
    """The day typed, None for nothing; what is no day is added to the errors."""
    text = given.get(name, "").strip()
    try:
        return checks.day(text) if text else None
    except Wrong as wrong:
        errors[name] = problem_words(wrong.code, wrong.facts)
        return None


def typed_moment(given: Mapping[str, str], name: str, errors: dict[str, str]) -> datetime | None:
    """The day and time typed, in the zone of whoever typed it; without a time the day begins at midnight."""
    day, _space, clock_time = given.get(name, "").strip().partition(" ")
    try:
        return timezone.make_aware(datetime.combine(checks.day(day), _time(clock_time))) if day else None
    except Wrong as wrong:
        errors[name] = problem_words(wrong.code, wrong.facts)
        return None


def _time(text: str) -> time:
    try:
        return time.fromisoformat(text.strip().zfill(5)) if text.strip() else time()
    except ValueError:
        raise Wrong("date.form") from None


def typed_key(given: Mapping[str, str], name: str) -> int | None:
    """The number of a row that was chosen, None for nothing and for what is no number."""
    text = given.get(name, "")
    return int(text) if text.isdecimal() and len(text) < _LONGEST_KEY else None


def day_text(day: date | None) -> str:
    """A day as people type it."""
    return f"{day:%d.%m.%Y}" if day else ""


def moment_text(moment: datetime | None) -> str:
    """A moment as people type it."""
    return f"{timezone.localtime(moment):%d.%m.%Y %H:%M}" if moment else ""


def _field(asked: Asked, given: Mapping[str, str], errors: Mapping[str, str]) -> dict[str, Any]:
    return {
        "name": asked.name,
        "label": asked.label,
        "value": given.get(asked.name, ""),
        "type": "text",
        "wide": asked.wide,
        "choices": asked.choices,
        "is_tick": asked.kind == "tick",
        "required": asked.required,
        "is_long": asked.kind == "lines",
        "placeholder": _PLACEHOLDERS[asked.kind]() if asked.kind in _PLACEHOLDERS else "",
        "hint": asked.hint,
        "error": errors.get(asked.name, ""),
    }
