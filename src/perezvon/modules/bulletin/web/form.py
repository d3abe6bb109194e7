"""The form of an announcement: what it asks, what was typed, what is wrong with it."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Any

from django.http import QueryDict
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy
from django.utils.translation import pgettext_lazy

from perezvon.foundation.access import Person
from perezvon.foundation.fields.web.small_forms import Asked, FormPage, moment_text, typed_moment
from perezvon.foundation.fields.words import problem_words
from perezvon.foundation.people.selectors import list_groups, list_projects
from perezvon.kernel.checks import Wrong
from perezvon.modules.bulletin.models import Announcement, Importance, Kind
from perezvon.modules.bulletin.selectors import list_sections
from perezvon.modules.bulletin.services import FieldsWrong, Wanted

_IMPORTANCE = (
    (Importance.NORMAL.value, pgettext_lazy("announcement", "Normal")),
    (Importance.IMPORTANT.value, lazy("Important: to be read")),
    (Importance.URGENT.value, lazy("Urgent: above all work until it is read")),
)
_WORDS: dict[str, Callable[[], str]] = {
    "announcement.over_before": lambda: _("The end is in the past, or before the beginning."),
    "announcement.which_projects": lambda: _("Say for which of your projects it is."),
    "announcement.instruction_for_now": lambda: _("An instruction stays, so it is for those who come later too."),
}


def page_of(known: Announcement | None, by: Person, steps: Sequence[Mapping[str, str]]) -> FormPage:
    """The form for a new one, or for one that is there."""
    sections = list_sections()
    again = (Asked("read_again", "tick", label=lazy("Ask everybody to read it again")),) if known else ()
    asked = (
        Asked("kind", "choice", Kind.choices, label=lazy("Kind")),
        Asked("section", label=lazy("Section of an instruction"), hint=", ".join(sections)),
        Asked("importance", "choice", _IMPORTANCE, label=lazy("Importance"), wide=True),
        Asked("title", label=lazy("Title"), required=True, wide=True),
        Asked("text", "lines", label=lazy("Text"), hint=lazy("Addresses of pages become links.")),
        Asked("shown_from", "moment", label=lazy("Shown from"), hint=lazy("Empty: at once.")),
        Asked("shown_until", "moment", label=lazy("Shown until"), hint=lazy("Empty: until it is taken down.")),
        *again,
    )
    back = reverse("bulletin:announcement", args=[known.pk]) if known else reverse("bulletin:board")
    return FormPage(
        title=known.title if known else str(_("New announcement")),
        group=_("What is told"),
        submit=_("Save") if known else _("Tell"),
        back_url=back,
        steps=steps,
        asked=asked,
        hidden={"version": str(known.version if known else 0)},
        more=lambda given, errors: [_audience_group(by, given, errors)],
    )


def _audience_group(by: Person, given: Mapping[str, str], errors: Mapping[str, str]) -> dict[str, Any]:
    """Nothing ticked: everybody."""
    projects = [(str(one.pk), str(one)) for one in list_projects(by=by)]
    groups = [(str(one.pk), str(one)) for one in list_groups()]
    fields = [
        _ticks("projects", _("Projects"), projects, given, errors),
        _ticks("groups", _("Groups"), groups, given, errors),
        {
            "name": "only_signed_in",
            "label": _("Only those who are signed in when it appears"),
            "value": given.get("only_signed_in", ""),
            "is_tick": True,
            "wide": True,
            "error": errors.get("only_signed_in", ""),
        },
    ]
    shown = [one for one in fields if one.get("ticks") or one.get("is_tick")]
    return {"title": _("For whom: without a tick, for everybody"), "fields": shown}


def _ticks(
    name: str, label: str, offered: Sequence[tuple[str, str]], given: Mapping[str, str], errors: Mapping[str, str]
) -> dict[str, Any]:
    chosen = given.get(name, "").split(",")
    return {
        "name": name,
        "label": label,
        "ticks": [{"code": code, "label": text, "checked": code in chosen} for code, text in offered],
        "wide": True,
        "error": errors.get(name, ""),
    }


def first_values(known: Announcement | None, kind: str) -> dict[str, str]:
    """What the form begins with."""
    if known is None:
        return {"kind": kind, "importance": Importance.NORMAL}
    return {
        "kind": known.kind,
        "importance": known.importance,
        "title": known.title,
        "text": known.text,
        "section": known.section,
        "shown_from": moment_text(known.shown_from),
        "shown_until": moment_text(known.shown_until),
        "only_signed_in": "on" if known.only_signed_in else "",
        "projects": _keys(known.projects.values_list("pk", flat=True)),
        "groups": _keys(known.groups.values_list("pk", flat=True)),
    }


def given_of(sent: QueryDict) -> dict[str, str]:
    """What was sent; of several ticks the keys, with commas."""
    given = {name: str(value) for name, value in sent.items()}
    return given | {name: ",".join(sent.getlist(name)) for name in ("projects", "groups")}


def wanted_of(given: Mapping[str, str], errors: dict[str, str]) -> Wanted:
    return Wanted(
        title=given.get("title", ""),
        text=given.get("text", "").replace("\r\n", "\n"),
        kind=given.get("kind", ""),
        section=given.get("section", ""),
        importance=given.get("importance", ""),
        project_ids=_typed_keys(given.get("projects", "")),
        group_ids=_typed_keys(given.get("groups", "")),
        only_signed_in=bool(given.get("only_signed_in")),
        shown_from=typed_moment(given, "shown_from", errors),
        shown_until=typed_moment(given, "shown_until", errors),
    )


def words_of(wrong: FieldsWrong) -> dict[str, str]:
    """What is wrong, by field."""
    problems: dict[str, Wrong] = dict(wrong.facts["problems"])  # type: ignore[call-overload]
    return {name: _words(one) for name, one in problems.items()}


def _words(one: Wrong) -> str:
    return _WORDS[one.code]() if one.code in _WORDS else problem_words(one.code, one.facts)


def audience_words(one: Announcement) -> str:
    """For whom it is, in words."""
    projects, groups = ", ".join(map(str, one.projects.all())), ", ".join(map(str, one.groups.all()))
    found = [text for text in (projects, groups) if text] or [_("everybody")]
    return "; ".join([*found, *([_("those who were signed in when it appeared")] if one.only_signed_in else [])])


def _keys(keys: Collection[int]) -> str:
    return ",".join(str(key) for key in keys)


def _typed_keys(text: str) -> frozenset[int]:
    return frozenset(int(key) for key in text.split(",") if key.isdecimal() and len(key) < 18)
