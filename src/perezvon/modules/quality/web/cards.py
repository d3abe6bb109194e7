"""Scorecards: the list, and the table of questions in which one is set up."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict
from django.urls import reverse
from django.utils.text import slugify
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from perezvon.foundation import clock
from perezvon.foundation.commands.services import intent
from perezvon.foundation.web.guard import needs, person_of
from perezvon.foundation.web.intents import command_id_of
from perezvon.foundation.web.render import render_page
from perezvon.foundation.web.words import say
from perezvon.kernel.errors import PerezvonError
from perezvon.modules.quality import services
from perezvon.modules.quality.models import Scorecard
from perezvon.modules.quality.selectors import SET_UP, get_scorecard, list_scorecards

UNPROCESSABLE = 422
_TEXTS = ("section_ru", "section_en", "text_ru", "text_en")
_NUMBERS = ("most", "weight")
_TICKS = ("fatal", "critical")
_LONGEST_NUMBER = 4
_NEW = {"most": "1", "weight": "1"}
WORDS = {
    "missing": lambda: _("Fill this in, in one of the languages at least."),
    "number": lambda: _("From 1 to 10 points; a weight from 0 to 100."),
    "percent": lambda: _("From 0 to 100."),
    "questions": lambda: _("A card has from 1 to 100 questions."),
}


@say("quality.card_wrong")
def _card_wrong(_error: PerezvonError) -> str:
    return _("The scorecard is not saved: something in it is wrong.")


@needs(SET_UP)
@require_GET
def cards(request: HttpRequest) -> HttpResponse:
    rows = [
        {
            "name": str(card),
            "url": reverse("quality:card", args=[card.pk]),
            "count": len(card.questions),
            "pass_percent": card.pass_percent,
            "is_active": card.is_active,
        }
        for card in list_scorecards(by=person_of(request))
    ]
    return render_page(request, "quality/cards.html", {"rows": rows, "steps": _steps()}, part="workspace")


@needs(SET_UP)
@require_http_methods(["GET", "POST"])
def card(request: HttpRequest, scorecard_id: int = 0) -> HttpResponse:
    """The table: rows are added, moved and taken out without saving; nothing is saved while something is wrong."""
    by = person_of(request)
    known = get_scorecard(scorecard_id, by=by) if scorecard_id else None
    if request.method == "GET":
        return _page(request, known, _given(known), {})
    given = _typed(request.POST)
    act, _colon, place = request.POST.get("act", "save").partition(":")
    if act != "save":
        _rearrange(given["rows"], act, int(place) if place.isdecimal() and len(place) < _LONGEST_NUMBER else 0)
        return _page(request, known, given, {})
    try:
        with intent(command_id=command_id_of(request)):
            wanted = _wanted(known, given)
            version = int(given["version"]) if given["version"].isdecimal() else 0
            services.save_card(wanted=wanted, version=version, by=by, now=clock.now())
    except services.CardWrong as wrong:
        return _page(request, known, given, wrong.facts["problems"], status=UNPROCESSABLE)  # type: ignore[arg-type]
    return HttpResponseRedirect(reverse("quality:cards"))


def _steps(name: str = "") -> list[dict[str, str]]:
    steps = [{"label": _("Quality"), "url": reverse("quality:evaluations")}]
    if not name:
        return [*steps, {"label": _("Scorecards"), "url": ""}]
    return [*steps, {"label": _("Scorecards"), "url": reverse("quality:cards")}, {"label": name, "url": ""}]


def _given(known: Scorecard | None) -> dict[str, Any]:
    """As the form is filled at first."""
    if known is None:
        return {"name_ru": "", "name_en": "", "pass_percent": "80", "critical_percent": "100", "is_active": "on",
                "version": "0", "rows": [{**_NEW}]}  # fmt: skip
    return {
        "name_ru": known.name.get("ru", ""),
        "name_en": known.name.get("en", ""),
        "pass_percent": str(known.pass_percent),
        "critical_percent": str(known.critical_percent),
        "is_active": "on" if known.is_active else "",
        "version": str(known.version),
        "rows": [_row(one) for one in known.questions],
    }


def _row(question: Mapping[str, Any]) -> dict[str, str]:
    texts = {
        f"{name}_{lang}": question.get(name, {}).get(lang, "") for name in ("section", "text") for lang in ("ru", "en")
    }
    numbers = {name: str(question.get(name, 1)) for name in _NUMBERS}
    ticks = {name: "on" if question.get(name) else "" for name in _TICKS}
    return {"code": question["code"]} | texts | numbers | ticks


def _typed(sent: QueryDict) -> dict[str, Any]:
    """Rows by their places; a tick says the place of its row."""
    columns = {name: sent.getlist(name) for name in ("code", *_TEXTS, *_NUMBERS)}
    ticked = {name: set(sent.getlist(name)) for name in _TICKS}
    count = min(len(columns["code"]), services.MOST_QUESTIONS + 1)
    rows = [
        {name: values[place] if place < len(values) else "" for name, values in columns.items()}
        | {name: "on" if str(place) in places else "" for name, places in ticked.items()}
        for place in range(count)
    ]
    single = ("name_ru", "name_en", "pass_percent", "critical_percent", "is_active", "version")
    return {name: sent.get(name, "") for name in single} | {"rows": rows}


def _rearrange(rows: list[dict[str, str]], act: str, place: int) -> None:
    if act == "add" and len(rows) < services.MOST_QUESTIONS:
        above = rows[-1] if rows else {}
        rows.append({**_NEW, "section_ru": above.get("section_ru", ""), "section_en": above.get("section_en", "")})
    elif act == "remove" and place < len(rows):
        del rows[place]
    elif act == "up" and 0 < place < len(rows):
        rows[place - 1], rows[place] = rows[place], rows[place - 1]


def _wanted(known: Scorecard | None, given: Mapping[str, Any]) -> services.WantedCard:
    name = {"ru": given["name_ru"].strip(), "en": given["name_en"].strip()}
    return services.WantedCard(
        code=known.code if known else _new_code(name),
        name={language: text for language, text in name.items() if text},
        questions=[_question(row) for row in given["rows"]],
        pass_percent=_number(given["pass_percent"]),
        critical_percent=_number(given["critical_percent"]),
        is_active=bool(given["is_active"]),
    )


def _new_code(name: Mapping[str, str]) -> str:
    """One that no card has."""
    first = slugify(name.get("en", "")) or "card"
    taken = set(Scorecard.objects.filter(code__startswith=first[:40]).values_list("code", flat=True))
    codes = (f"{first[:40]}-{number}" if number else first[:40] for number in range(len(taken) + 1))
    return next(code for code in codes if code not in taken)


def _question(row: Mapping[str, str]) -> dict[str, Any]:
    texts = {
        name: {lang: text for lang in ("ru", "en") if (text := row.get(f"{name}_{lang}", "").strip())}
        for name in ("section", "text")
    }
    numbers = {name: _number(row.get(name, "")) for name in _NUMBERS}
    return {"code": row.get("code", "")} | texts | numbers | {name: bool(row.get(name)) for name in _TICKS}


def _number(text: str) -> int:
    """What is no number is one that nothing may have."""
    return int(text) if text.strip().isdecimal() and len(text) < _LONGEST_NUMBER else -1


def _page(
    request: HttpRequest, known: Scorecard | None, given: dict[str, Any], problems: Mapping[str, str], status: int = 200
) -> HttpResponse:
    errors = {field: WORDS[word]() for field, word in problems.items()}
    title = str(known) if known else _("New scorecard")
    rows = [row | {"place": place, "wrong": _wrong(errors, place)} for place, row in enumerate(given["rows"])]
    context = {
        "title": title, "steps": _steps(title), "given": given, "rows": rows, "errors": errors,
        "post_url": request.path,
    }  # fmt: skip
    return render_page(request, "quality/card.html", context, part="workspace", status=status)


def _wrong(errors: Mapping[str, str], place: int) -> dict[str, str]:
    return {name: errors[f"{place}.{name}"] for name in ("text", *_NUMBERS) if f"{place}.{name}" in errors}
