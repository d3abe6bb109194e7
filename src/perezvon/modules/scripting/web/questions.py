"""The builder of questionnaires: questions in their order, each with its kind, its options and where they lead.

An option is one line: what it says in each language, its score, and the question it leads to, with | between them.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal, InvalidOperation
from itertools import count
from uuid import UUID

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import pgettext
from django.views.decorators.http import require_http_methods

from perezvon.cores.scripting.codec import Unreadable, read_scenario, write_scenario
from perezvon.cores.scripting.model import Ask, Field, Option
from perezvon.cores.scripting.questions import END, MOST_QUESTIONS, Question, kept_codes, questions_of, scenario_of
from perezvon.foundation import clock
from perezvon.foundation.fields.web.small_forms import typed_key
from perezvon.foundation.web.guard import needs, person_of
from perezvon.foundation.web.render import render_page
from perezvon.modules.scripting import services
from perezvon.modules.scripting.models import Scenario
from perezvon.modules.scripting.selectors import MANAGE, get_scenario
from perezvon.modules.scripting.services import Unfit
from perezvon.modules.scripting.services.defining import Drawing
from perezvon.modules.scripting.words import flaw_words

_UNPROCESSABLE = 422
_LONGEST, _MOST_OPTIONS = 500, 100
_CHOOSES = {Ask.ONE, Ask.MANY, Ask.MATRIX}
_LIMITED = {Ask.NUMBER, Ask.SCALE}
_NAMES = ("code", "ask", "required", "options", "rows", "least", "most")


@dataclass(slots=True)
class Typed:
    """A question as it stands in the form: texts, right or not."""

    values: dict[str, str] = field(default_factory=dict)
    labels: list[tuple[str, str]] = field(default_factory=list)  # (language, text)
    error: str = ""


@needs(MANAGE)
@require_http_methods(["GET", "POST"])
def builder(request: HttpRequest, scenario_id: UUID) -> HttpResponse:
    """The draft's questions. What was drawn freely is for the designer."""
    scenario = get_scenario(scenario_id, by=person_of(request))
    languages = languages_of(scenario)
    if request.method == "POST":
        return _posted(request, scenario, languages)
    try:
        drawn = read_scenario({**scenario.draft.document, "key": scenario.code})
    except Unreadable:
        drawn = None
    questions = questions_of(drawn) if drawn else None
    if questions is None:
        return HttpResponseRedirect(reverse("scripting:designer", args=[scenario_id]))
    return _page(request, scenario, [_as_typed(one, languages) for one in questions])


def languages_of(scenario: Scenario) -> tuple[str, ...]:
    """Those of its title."""
    return tuple(code for code in ("ru", "en") if scenario.name.get(code)) or ("ru",)


def _posted(request: HttpRequest, scenario: Scenario, languages: tuple[str, ...]) -> HttpResponse:
    """save, publish, add; up, down, copy and drop with the place of a question. All save where nothing is wrong."""
    given = request.POST
    typed = typed_questions(given, languages)
    act, _sign, place = given.get("act", "save").partition(":")
    asked = act in {"save", "publish"}
    if not asked:
        typed = rearranged(typed, act, int(place) if place.isdecimal() else -1, languages)
    kept = kept_options(scenario)
    questions = [read_question(one, typed[at + 1 :], languages, kept) for at, one in enumerate(typed)]
    found = [one for one in questions if one is not None]
    if len(found) < len(typed):
        if not asked:  # what is still being written is no mistake
            typed = [replace(one, error="") for one in typed]
        return _page(request, scenario, typed, failed=asked, unsaved=not asked)
    document = write_scenario(scenario_of(scenario.code, languages, found, scenario.name))
    by, now = person_of(request), clock.now()
    revision = services.save_draft(
        scenario_id=scenario.pk, revision=typed_key(given, "revision") or 0, drawing=Drawing(document), by=by, now=now
    )
    if act == "publish":
        try:
            services.publish_scenario(scenario_id=scenario.pk, revision=revision, by=by, now=now)
        except Unfit as unfit:
            codes = [one.values["code"] for one in typed]
            for flaw in unfit.facts["flaws"]:  # type: ignore[attr-defined]
                if flaw.node in codes:
                    typed[codes.index(flaw.node)].error = flaw_words(flaw)
            return _page(request, get_scenario(scenario.pk, by=by), typed, failed=True)
    if not asked:
        return _page(request, get_scenario(scenario.pk, by=by), typed)
    return HttpResponseRedirect(reverse("scripting:builder", args=[scenario.pk]))


def typed_questions(given: QueryDict, languages: Sequence[str]) -> list[Typed]:
    """As the form sends them; no more than there may be."""
    found = []
    for at in range(MOST_QUESTIONS):
        if f"code-{at}" not in given:
            break
        values = {name: given.get(f"{name}-{at}", "") for name in _NAMES}
        found.append(Typed(values, [(one, given.get(f"label-{one}-{at}", "")) for one in languages]))
    return found


def rearranged(typed: Sequence[Typed], act: str, at: int, languages: Sequence[str]) -> list[Typed]:
    """One more, one less, one moved by one place; what is not possible changes nothing."""
    rows = list(typed)
    if act in {"add", "copy"} and len(rows) < MOST_QUESTIONS:
        taken = {one.values["code"] for one in rows}
        code = next(name for name in (f"q{number}" for number in count(len(rows) + 1)) if name not in taken)
        if act == "add":
            rows.append(
                Typed({**dict.fromkeys(_NAMES, ""), "code": code, "ask": Ask.ONE}, [(one, "") for one in languages])
            )
        elif 0 <= at < len(rows):
            rows.insert(at + 1, Typed({**rows[at].values, "code": code}, list(rows[at].labels)))
    elif act == "drop" and 0 <= at < len(rows):
        rows.pop(at)
    elif act in {"up", "down"}:
        to = at + (1 if act == "down" else -1)
        if 0 <= at < len(rows) and 0 <= to < len(rows):
            rows[at], rows[to] = rows[to], rows[at]
    return rows


@dataclass(frozen=True, slots=True)
class Kept:
    """Of a question, by its code. options, rows: as they were saved last; used: codes that any version has given."""

    options: Sequence[Option] = ()
    rows: Sequence[Option] = ()
    used: Collection[str] = ()


def kept_options(scenario: Scenario) -> dict[str, Kept]:
    """So that what is answered already keeps its meaning. One query."""
    found: dict[str, Kept] = {}
    used: dict[str, set[str]] = {}
    documents = [*scenario.versions.order_by("number").values_list("document", flat=True), scenario.draft.document]
    for document in documents:
        try:
            drawn = read_scenario({**document, "key": scenario.code})
        except Unreadable:
            continue
        for one in (each for node in drawn.nodes.values() for each in node.fields):
            codes = used.setdefault(one.code, set())
            codes |= {option.code for option in (*one.options, *one.rows)}
            found[one.code] = Kept(one.options, one.rows, codes)
    return found


def read_question(
    typed: Typed, later: Sequence[Typed], languages: Sequence[str], kept: Mapping[str, Kept]
) -> Question | None:
    """None where it is wrong; `typed.error` says why then."""
    values = typed.values
    before = kept.get(values["code"], Kept())
    try:
        ask = Ask(values["ask"])
        options, leads = (
            _options(values["options"], languages, before.options, before.used) if ask in _CHOOSES else ((), {})
        )
        rows, _none = _options(values["rows"], languages, before.rows, before.used) if ask == Ask.MATRIX else ((), {})
        least, most = (_number(values[name]) if ask in _LIMITED else None for name in ("least", "most"))
    except (ValueError, InvalidOperation):
        typed.error = _("This cannot be read: look at the options, their scores and the limits.")
        return None
    label = {code: " ".join(text.split()) for code, text in typed.labels if text.strip()}
    targets = {one.values["code"] for one in later} | {END}
    if not label:
        typed.error = _("Write the question.")
    elif max(map(len, label.values())) > _LONGEST:
        typed.error = _("The question is too long.")
    elif not set(leads.values()) <= targets or (leads and ask != Ask.ONE):
        typed.error = _("An option of a question with one answer may lead to a later question or to “end”.")
    elif (
        values["code"] in targets
        or not values["code"].isalnum()
        or not values["code"].isascii()
        or len(values["code"]) > 40
    ):
        typed.error = _("The code of the question is wrong.")
    if typed.error:
        return None
    return Question(Field(values["code"], ask, label, bool(values["required"]), options, rows, least, most), leads)


def _options(
    text: str, languages: Sequence[str], before: Sequence[Option], used: Collection[str]
) -> tuple[tuple[Option, ...], dict[str, str]]:
    """Of lines. before: as they were, whose codes they keep. Raises ValueError, InvalidOperation."""
    lines = [line for line in text.splitlines() if line.strip()]
    if len(lines) > _MOST_OPTIONS:
        raise ValueError("too many")
    read: list[tuple[dict[str, str], Decimal, str]] = []
    for line in lines:
        parts = [part.strip() for part in line.split("|")]
        said, more = parts[: len(languages)], parts[len(languages) :]
        if len(more) > 2 or not any(said) or max(map(len, said)) > _LONGEST:
            raise ValueError("line")
        texts = {code: part for code, part in zip(languages, said, strict=False) if part}
        read.append((texts, _number(more[0] if more else "") or Decimal(0), more[1] if len(more) > 1 else ""))
    codes = kept_codes(before, [texts for texts, _score, _lead in read], used)
    options = tuple(Option(code, texts, score) for code, (texts, score, _lead) in zip(codes, read, strict=True))
    return options, {code: lead for code, (_texts, _score, lead) in zip(codes, read, strict=True) if lead}


def _number(text: str) -> Decimal | None:
    value = Decimal(text.replace(",", ".")) if text.strip() else None
    if value is not None and (not value.is_finite() or abs(value) > 10**12):
        raise ValueError("number")
    return value


def _as_typed(one: Question, languages: Sequence[str]) -> Typed:
    asks = one.asks
    values = {
        "code": asks.code,
        "ask": asks.ask.value,
        "required": "1" if asks.required else "",
        "options": _lines(asks.options, one.leads, languages),
        "rows": _lines(asks.rows, {}, languages),
        "least": "" if asks.least is None else f"{asks.least:f}",
        "most": "" if asks.most is None else f"{asks.most:f}",
    }
    return Typed(values, [(code, asks.label.get(code, "")) for code in languages])


def _lines(options: Sequence[Option], leads: Mapping[str, str], languages: Sequence[str]) -> str:
    lines = []
    for one in options:
        score = f"{one.score.normalize():f}" if one.score else ""
        parts = [*(one.texts.get(code, "") for code in languages), score, leads.get(one.code, "")]
        while len(parts) > len(languages) and not parts[-1]:
            parts.pop()
        lines.append(" | ".join(parts))
    return "\n".join(lines)


def asks() -> list[tuple[str, str]]:
    """Kinds of questions, in words."""
    return [
        (Ask.ONE.value, pgettext("question", "One of several")),
        (Ask.MANY.value, pgettext("question", "Several of several")),
        (Ask.FLAG.value, pgettext("question", "Yes or no")),
        (Ask.SCALE.value, pgettext("question", "Scale")),
        (Ask.NUMBER.value, pgettext("question", "Number")),
        (Ask.TEXT.value, pgettext("question", "Text")),
        (Ask.DAY.value, pgettext("question", "Date")),
        (Ask.MATRIX.value, pgettext("question", "Matrix")),
    ]


def _page(
    request: HttpRequest, scenario: Scenario, typed: Sequence[Typed], *, failed: bool = False, unsaved: bool = False
) -> HttpResponse:
    context = {
        "scenario": scenario,
        "questions": typed,
        "asks": asks(),
        "line": " | ".join([*(code.upper() for code in languages_of(scenario)), _("score"), _("leads to")]),
        "failed": failed,
        "unsaved": unsaved,
        "full": len(typed) >= MOST_QUESTIONS,
        "steps": steps_to(str(scenario), ""),
    }
    status = _UNPROCESSABLE if failed else 200
    return render_page(request, "scripting/builder.html", context, part="workspace", status=status)


def steps_to(title: str, url: str) -> list[dict[str, str]]:
    """The breadcrumb of a page about one questionnaire."""
    return [
        {"label": _("Administration"), "url": reverse("administration:home")},
        {"label": _("Questionnaires"), "url": reverse("scripting:questionnaires")},
        {"label": title, "url": url},
    ]
