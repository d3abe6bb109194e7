"""The administrator's forms as plain values, and the page for two people who edit the same record."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db import models
from django.http import HttpRequest, HttpResponse
from django.utils.functional import Promise
from django.utils.translation import gettext as _

from perezvon.foundation.people.services import Outdated
from perezvon.foundation.web.render import is_swap, render_page
from perezvon.modules.accounts.web.words import label_of, problem_words, right_name

LANGUAGES = {"ru": "\u0420\u0443\u0441\u0441\u043a\u0438\u0439", "en": "English"}
_CONFLICT, _UNPROCESSABLE = 409, 422

type Text = str | Promise
type Choice = tuple[str, Text]


@dataclass(frozen=True, slots=True)
class Field:
    """kind: "text", "lines", "choice", "tick" or "ticks" (several of choices, all under one name)."""

    name: str
    label: Text
    value: Any = ""
    kind: str = "text"
    type: str = "text"
    choices: Sequence[Choice] = ()
    hint: Text = ""
    error: str = ""
    required: bool = False
    is_fixed: bool = False


def field(name: str, value: Any, problems: Mapping[str, str], **more: Any) -> Field:
    """A field with its label and the words of its problem."""
    error = problem_words(problems[name]) if name in problems else ""
    # A template takes the number 0 for nothing.
    plain = str(value) if isinstance(value, int) and not isinstance(value, bool) else value
    return Field(name, label_of(name), plain, error=error, **more)


def coded(rows: Iterable[Any]) -> list[Choice]:
    """Records with codes as choices."""
    return [(row.code, str(row)) for row in rows]


def name_fields(name: Mapping[str, str], problems: Mapping[str, str]) -> list[Field]:
    """What a thing is called, in each language."""
    return [field(f"name_{code}", name.get(code, ""), problems, required=code == "ru") for code in LANGUAGES]


def typed_name(request: HttpRequest) -> dict[str, str]:
    typed = {code: request.POST.get(f"name_{code}", "").strip()[:100] for code in LANGUAGES}
    return {code: text for code, text in typed.items() if text}


def typed_codes(request: HttpRequest, name: str) -> set[str]:
    """Ticks of one name: from the form itself, and one by one from the page of a conflict."""
    ticked = {value for value in request.POST.getlist(name) if value}
    chosen = {
        key.removeprefix(f"{name}.") for key, value in request.POST.items() if key.startswith(f"{name}.") and value
    }
    return ticked | chosen


def typed_number(request: HttpRequest, name: str, default: int = 0) -> int:
    text = request.POST.get(name, "").strip()
    return int(text) if text.isdecimal() and len(text) < 10 else default


def summary(problems: Iterable[str]) -> list[dict[str, Text]]:
    """As in ui/problems.html."""
    return [{"field": name, "label": label_of(name)} for name in problems]


# --- two people editing the same ---


@dataclass(frozen=True, slots=True)
class Choosing:
    """One difference: theirs or mine. *_typed: what the form would send."""

    name: str
    label: Text
    theirs: str
    mine: str
    theirs_typed: str
    mine_typed: str


def conflict(
    request: HttpRequest, outdated: Outdated, *, title: str, back_url: str, say: Callable[[str, str], Text]
) -> HttpResponse:
    """Somebody saved meanwhile: theirs or mine, field by field, and tick by tick. say: the label of one tick."""
    differences: Mapping[str, tuple[Any, Any]] = outdated.facts["differences"]  # type: ignore[assignment]
    choices = [one for name, pair in differences.items() for one in _choosing(name, *pair, say)]
    context = {
        "title": title,
        "tab_title": title,
        "choices": choices,
        "kept": [("version", outdated.facts["version"]), *_kept(request, differences)],
        "back_url": back_url,
        "post_url": request.path,
    }
    # A browser's swap shows 422 as an answer; anybody else is told what it is.
    status = _UNPROCESSABLE if is_swap(request) else _CONFLICT
    return render_page(request, "ui/conflict_page.html", context, part="workspace", status=status)


def _choosing(name: str, theirs: Any, mine: Any, say: Callable[[str, str], Text]) -> Iterator[Choosing]:
    if name == "scopes":
        for code in sorted({*theirs, *mine}):
            old, new = theirs.get(code, ""), mine.get(code, "")
            if old != new:
                yield Choosing(f"scope_{code}", right_name(code), old or "—", new or "—", old, new)
    elif isinstance(theirs, dict):
        for code in LANGUAGES:
            old, new = theirs.get(code, ""), mine.get(code, "")
            if old != new:
                yield Choosing(f"{name}_{code}", label_of(f"{name}_{code}"), old, new, old, new)
    elif isinstance(theirs, set | list):
        ours, others = codes_of(mine), codes_of(theirs)
        for code in sorted(ours ^ others):
            has = {True: (_("yes"), "1"), False: (_("no"), "")}
            (old, old_typed), (new, new_typed) = has[code in others], has[code in ours]
            yield Choosing(f"{name}.{code}", say(name, code), old, new, old_typed, new_typed)
    else:
        yield Choosing(name, label_of(name), shown(theirs), shown(mine), as_typed(theirs), as_typed(mine))


def _kept(request: HttpRequest, differences: Mapping[str, tuple[Any, Any]]) -> Iterator[tuple[str, str]]:
    """What both agree on goes along unseen."""
    for name, pair in differences.items():
        if isinstance(pair[0], set | list):
            yield from ((name, code) for code in sorted(codes_of(pair[0]) & codes_of(pair[1])))
    skipped = {"csrfmiddlewaretoken", "version", *differences}
    skipped |= {
        f"{name}_{code}" for name in differences for code in LANGUAGES if isinstance(differences[name][0], dict)
    }
    for name, values in request.POST.lists():
        if name not in skipped and name.partition(".")[0] not in differences:
            yield from ((name, str(value)) for value in values)
    for name, (theirs, mine) in differences.items():
        if isinstance(theirs, dict):
            same = (code for code in LANGUAGES if theirs.get(code, "") == mine.get(code, ""))
            yield from ((f"{name}_{code}", theirs.get(code, "")) for code in same)


def codes_of(rows: Collection[Any]) -> set[str]:
    return {row if isinstance(row, str) else row.code for row in rows}


def as_typed(value: Any) -> str:
    if isinstance(value, bool) or value is None:
        return "on" if value else ""
    return str(getattr(value, "code", value)) if isinstance(value, models.Model) else str(value)


def shown(value: Any) -> str:
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    return "" if value is None else str(value)
