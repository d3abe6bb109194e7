"""Terms on the pages of cases: how each promise stands, why, and where they are set up."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import pgettext
from django.views.decorators.http import require_GET, require_http_methods

from perezvon.cores.sla import State, Verdict
from perezvon.foundation import clock
from perezvon.foundation.access import Person
from perezvon.foundation.calendars.models import WorkingCalendar
from perezvon.foundation.fields.web.small_forms import Asked, FormPage, draw, typed_key
from perezvon.foundation.people.models import Team
from perezvon.foundation.people.selectors import list_projects
from perezvon.foundation.ui.templatetags.ui import duration
from perezvon.foundation.web.guard import needs, person_of
from perezvon.foundation.web.render import render_page
from perezvon.kernel.checks import Wrong
from perezvon.modules.cases import services
from perezvon.modules.cases.models import Case, CaseCategory, CaseState, Priority, TermPolicy
from perezvon.modules.cases.selectors import SET_UP, VIEW, NoSuchCaseKind, all_kinds, get_case
from perezvon.modules.cases.terms import explained, promise_label
from perezvon.modules.cases.web.setup import NAMES, asked_code, kept, steps_to, texts, typed
from perezvon.modules.cases.web.words import problem_words

_TONES = {
    State.RUNNING: "",
    State.PAUSED: "",
    State.WARNED: "warn",
    State.BREACHED: "bad",
    State.MET: "good",
    State.MET_LATE: "bad",
}


def term_rows(case: Case, now: datetime) -> list[dict[str, Any]]:
    """How each promise of the case stands, what is due first on top. One query."""
    terms = case.terms.select_related("policy").exclude(state=State.IDLE).order_by("met_at", "due_at", "id")
    rows = [
        {
            "id": term.pk,
            "label": promise_label(term.promise),
            "policy": str(term.policy),
            "state": term.state,
            "tone": _TONES[State(term.state)],
            "due_at": term.due_at,
            "met_at": term.met_at,
            "text": _told(State(term.state), term.due_at, now),
        }
        for term in terms
    ]
    owed = [row for row in rows if row["met_at"] is None]
    return owed + [row for row in rows if row["met_at"] is not None]


def _told(state: State, due_at: datetime | None, now: datetime) -> str:
    match state:
        case State.MET:
            return _("kept")
        case State.MET_LATE:
            return _("kept late")
        case State.PAUSED:
            return _("the clock rests")
        case _ if due_at is None:
            return ""
        case _ if due_at <= now:
            return _("overdue by {time}").format(time=_span(now - due_at))
        case _:
            return _("{time} left").format(time=_span(due_at - now))


def _span(length: timedelta) -> str:
    """Without seconds: nobody reckons terms in them."""
    minutes = int(length.total_seconds()) // 60
    return duration(timedelta(minutes=minutes)) if minutes >= 1440 else f"{minutes // 60}:{minutes % 60:02}"


@needs(VIEW)
@require_GET
def explain(request: HttpRequest, case_id: UUID, term_id: int) -> HttpResponse:
    """Why a term is what it is: the stretches that were counted, and those that were not (they add up)."""
    by, now = person_of(request), clock.now()
    case = get_case(case_id, by=by)
    term = case.terms.select_related("policy__calendar").filter(pk=term_id).first()
    if term is None:
        raise NoSuchCaseKind(term=term_id)
    verdict, parts = explained(case, term, now)
    states = {one.code: str(one) for one in CaseState.objects.filter(kind=case.kind_id)}
    context = {
        "case": case,
        "label": promise_label(term.promise),
        "policy": term.policy,
        "steps": [
            {"label": _("Cases"), "url": reverse("cases:overview")},
            {"label": case.code, "url": reverse("cases:case", args=[case.pk])},
            {"label": promise_label(term.promise), "url": ""},
        ],
        "parts": [_part(one, states) for one in parts],
        "sum": _sum(verdict),
        "facts": _verdict(verdict, term.policy, now),
        "now": now,
    }
    return render_page(request, "cases/explain.html", context, part="workspace")


def _part(one: Any, states: Mapping[str, str]) -> dict[str, Any]:
    return {
        "begins_at": one.begins_at,
        "ends_at": one.ends_at,
        "state": states.get(one.state, one.state),
        "is_counted": one.is_counted,
        "length": duration(one.ends_at - one.begins_at) if one.is_counted else "",
    }


def _sum(verdict: Verdict) -> str:
    return duration(verdict.counted)


def _verdict(verdict: Verdict, policy: TermPolicy, now: datetime) -> list[dict[str, Any]]:
    rows = [
        {"label": _("Policy"), "value": str(policy)},
        {"label": _("Promised"), "value": working(verdict.target.within)},
        {"label": _("Counted"), "value": duration(verdict.counted)},
        {"label": _("How it stands"), "value": _told(verdict.state, verdict.due_at, now)},
        {"label": _("Calendar"), "value": str(policy.calendar) if policy.calendar else _("of the team or the project")},
        {"label": _("Remark"), "value": policy.note},
    ]
    return [row for row in rows if row["value"]]


def working(length: timedelta) -> str:
    """Working time as it was set up: hours and minutes."""
    minutes = int(length.total_seconds()) // 60
    hours, rest = divmod(minutes, 60)
    if not rest:
        return _("{hours} working hr").format(hours=hours)
    return _("{hours} working hr {minutes} min").format(hours=hours, minutes=rest)


# --- setting up ---


@needs(SET_UP)
@require_GET
def terms(request: HttpRequest) -> HttpResponse:
    rows = TermPolicy.objects.select_related("kind", "category", "project", "calendar", "hands_to")
    context = {
        "policies": [{"row": one, "for": _for(one), "promises": _promises(one)} for one in rows],
        "saved": "saved" in request.GET,
    }
    return render_page(request, "cases/terms.html", context, part="workspace")


def _for(one: TermPolicy) -> str:
    priority = str(Priority(one.priority).label) if one.priority else ""
    named = (str(part) for part in (one.kind, one.category, one.project) if part)
    return " · ".join(part for part in (*named, priority, one.level) if part)


def _promises(one: TermPolicy) -> list[str]:
    shown = (("first_response", one.answer), ("update", one.update), ("solution", one.solution), ("reach", one.reach))
    return [f"{promise_label(code)}: {working(timedelta(minutes=wanted))}" for code, wanted in shown if wanted]


@needs(SET_UP)
@require_http_methods(["GET", "POST"])
def term(request: HttpRequest, term_id: int | None = None) -> HttpResponse:
    """One policy, or a new one. With `try` nothing is saved: the page says what it would do to the cases under way."""
    by, now = person_of(request), clock.now()
    known = TermPolicy.objects.filter(pk=term_id or 0).first()
    if term_id and known is None:
        raise NoSuchCaseKind(term=term_id)
    title = str(known) if known else _("New terms")
    first = _first(known) if known else {}
    given = {name: str(value) for name, value in request.POST.items()}
    if request.method != "POST":
        return draw(request, _page(title, known, by), first, {})
    errors: dict[str, str] = {}
    wanted = _wanted(given, known, errors)
    try:
        if not errors and given.get("only_try"):
            tried = services.try_term(wanted, now=now)
            return draw(request, _page(title, known, by, told=_tried(tried)), given, {})
        if not errors:
            key, version = known.pk if known else None, typed_key(given, "version") or 0
            services.save_term(term_id=key, version=version, wanted=wanted, by=by, now=now)
    except services.FieldsWrong as wrong:
        problems: dict[str, Wrong] = dict(wrong.facts["problems"])  # type: ignore[call-overload]
        errors |= {name: problem_words(one) for name, one in problems.items()}
    if errors:
        return draw(request, _page(title, known, by), given, errors)
    return HttpResponseRedirect(f"{reverse('cases:terms')}?saved")


def _tried(tried: services.Tried) -> str:
    told = _(
        "Nothing is saved. Of the cases under way these terms are for {fits}; at once {broken} would be overdue and "
        "{warned} would be warned of."
    ).format(fits=tried.fits, broken=tried.broken, warned=tried.warned)
    if tried.looked_at is None:
        return told
    newest = _("Only the newest {count} cases under way were looked at.").format(count=tried.looked_at)
    return f"{told} {newest}"


_HOURS = {"answer": "answer", "update": "update", "solution": "solution", "reach": "reach", "warn": "warn"}


def _page(title: str, known: TermPolicy | None, by: Person, *, told: str = "") -> FormPage:
    nothing = [("", pgettext("kind", "any"))]
    kinds = [(str(one.pk), str(one)) for one in all_kinds()]
    categories = CaseCategory.objects.select_related("kind").order_by("kind__position", "position", "id")
    states = dict.fromkeys(CaseState.objects.order_by("kind__position", "position").values_list("code", flat=True))
    names = {one.code: str(one) for one in CaseState.objects.all()}
    teams = [("", "\u2014"), *((str(one.pk), str(one)) for one in Team.objects.order_by("code"))]
    calendars = [("", _("of the team or the project")), *((str(c.pk), str(c)) for c in WorkingCalendar.objects.all())]
    hours = _("Working time as hours:minutes, e.g. 4:00. Empty: nothing is promised.")
    breach = _("From the breach; 0:00 at once, empty never.")
    asked = (
        *(() if known else (asked_code(),)),
        *texts("name", NAMES, required=True),
        Asked("kind", "choice", [*nothing, *kinds], label=_("Kind")),
        Asked("category", "choice", [*nothing, *((str(c.pk), f"{c.kind}: {c}") for c in categories)],
              label=_("Category")),
        Asked("project", "choice", [*nothing, *((str(p.pk), str(p)) for p in list_projects(by=by))],
              label=_("Project")),
        Asked("priority", "choice", [*nothing, *((str(c), label) for c, label in Priority.choices)],
              label=_("Priority")),
        Asked("level", label=_("Customer level"), hint=_("As it stands on the card; empty: any.")),
        Asked("calendar", "choice", calendars, label=_("Calendar")),
        Asked("answer", label=_("First answer within"), hint=hours),
        Asked("update", label=_("Next answer within"), hint=_("From the customer's question to ours.")),
        Asked("solution", label=_("Solution within")),
        Asked("reach_state", "choice", [("", "\u2014"), *((code, names[code]) for code in states)],
              label=_("State to be reached")),
        Asked("reach", label=_("State reached within")),
        Asked("warn", label=_("Warn so long ahead")),
        Asked("raises_after", label=_("Raise the priority after"), hint=breach),
        Asked("hands_after", label=_("Give it to a team after"), hint=breach),
        Asked("hands_to", "choice", teams, label=_("Which team")),
        Asked("note", wide=True, label=_("Remark"), hint=_("Where the term comes from: a law, a contract.")),
        Asked("only_try", "tick", label=_("Only try it: say what it would do to the cases under way")),
    )  # fmt: skip
    return FormPage(
        title=title,
        group=pgettext("case", "Terms"),
        submit=_("Save or try"),
        back_url=reverse("cases:terms"),
        steps=[
            *steps_to()[:1],
            {"label": _("Terms of cases"), "url": reverse("cases:terms")},
            {"label": title, "url": ""},
        ],
        about=told or _("The terms that fit a case all hold; the earliest is shown. All conditions must fit."),
        asked=asked,
        hidden={"version": str(known.version if known else 0)},
    )


def hours_text(minutes: int | None) -> str:
    return "" if minutes is None else f"{minutes // 60}:{minutes % 60:02}"


def minutes_of(text: str) -> int | None:
    """4:30 or 4 as minutes; None when empty. Raises Wrong."""
    text = text.strip()
    if not text:
        return None
    hours, _colon, rest = text.partition(":")
    if (
        not hours.isdecimal()
        or len(hours) > 5
        or (rest and not (rest.isdecimal() and len(rest) == 2 and int(rest) < 60))
    ):
        raise Wrong("cases.hours")
    return int(hours) * 60 + int(rest or 0)


def _first(known: TermPolicy) -> dict[str, str]:
    return {
        **kept("name", known.name),
        "kind": str(known.kind_id or ""),
        "category": str(known.category_id or ""),
        "project": str(known.project_id or ""),
        "priority": str(known.priority or ""),
        "level": known.level,
        "calendar": str(known.calendar_id or ""),
        **{name: hours_text(getattr(known, name) or None) for name in _HOURS},
        "reach_state": known.reach_state,
        "raises_after": hours_text(known.raises_after),
        "hands_after": hours_text(known.hands_after),
        "hands_to": str(known.hands_to_id or ""),
        "note": known.note,
    }


def _wanted(given: Mapping[str, str], known: TermPolicy | None, errors: dict[str, str]) -> services.TermWanted:
    minutes: dict[str, int | None] = {}
    for name in (*_HOURS, "raises_after", "hands_after"):
        try:
            minutes[name] = minutes_of(given.get(name, ""))
        except Wrong as wrong:
            errors[name] = problem_words(wrong)
            minutes[name] = None
    return services.TermWanted(
        code=known.code if known else given.get("code", "").strip().lower(),
        name=typed(given, "name"),
        kind_id=typed_key(given, "kind"),
        category_id=typed_key(given, "category"),
        project_id=typed_key(given, "project"),
        priority=typed_key(given, "priority"),
        level=given.get("level", ""),
        calendar_id=typed_key(given, "calendar"),
        answer=minutes["answer"] or 0,
        update=minutes["update"] or 0,
        solution=minutes["solution"] or 0,
        reach=minutes["reach"] or 0,
        reach_state=given.get("reach_state", ""),
        warn=minutes["warn"] or 0,
        raises_after=minutes["raises_after"],
        hands_after=minutes["hands_after"],
        hands_to_id=typed_key(given, "hands_to"),
        note=given.get("note", ""),
    )
