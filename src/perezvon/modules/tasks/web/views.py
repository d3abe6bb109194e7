"""My day, one task, and everything that is done with a task."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from perezvon.foundation import clock
from perezvon.foundation.access import Person
from perezvon.foundation.fields.forms import card_sections
from perezvon.foundation.fields.selectors import visible_fields
from perezvon.foundation.people.selectors import list_teams
from perezvon.foundation.web.guard import needs, person_of
from perezvon.foundation.web.render import render_page
from perezvon.kernel.checks import Wrong
from perezvon.kernel.errors import NotFound
from perezvon.modules.interactions.registry import findings_of
from perezvon.modules.tasks import services
from perezvon.modules.tasks.models import Kind, State, Task
from perezvon.modules.tasks.registry import subject_cards
from perezvon.modules.tasks.rules import MOVES, Act
from perezvon.modules.tasks.selectors import (
    ASSIGN,
    VIEW,
    WRITE,
    colleagues,
    colleagues_of,
    get_task,
    list_deputies,
    may_do,
    my_day,
    offer_of,
    who_of,
)
from perezvon.modules.tasks.web.rows import offer_row, row_of, rows_of
from perezvon.modules.tasks.web.tabs import tabs
from perezvon.modules.tasks.web.words import ICONS, due_note

LONGEST_KEY = 10


@needs(VIEW)
@require_GET
def day(request: HttpRequest) -> HttpResponse:
    """What I have to do: offered, late, today, later, free (wireframe 11). Ten queries."""
    by, now = person_of(request), clock.now()
    who, mine = who_of(by), my_day(by, now)
    context = {
        "tabs": tabs("tasks:day", by),
        "today": date_format(timezone.localtime(now), "l, j E"),
        "offered": [offer_row(offer, now) for offer in mine.offered],
        "given_away": [offer_row(offer, now) for offer in mine.given_away],
        "groups": [
            {"title": _("Overdue"), "tone": "bad", "rows": rows_of(mine.overdue, who, by, now, "day")},
            {"title": _("Today"), "tone": "", "rows": rows_of(mine.today, who, by, now, "day")},
            {"title": _("Later and without a time"), "tone": "", "rows": rows_of(mine.later, who, by, now, "day")},
        ],
        "free": rows_of(mine.free, who, by, now, "day"),
        "deputies": [one for one in list_deputies(timezone.localdate(now)) if by.id in {one.user_id, one.deputy_id}],
        "colleagues": [(user.pk, user.short_name) for user in colleagues_of(by) if user.pk != by.id],
        "today_date": timezone.localdate(now).isoformat(),
        "is_empty": not (mine.overdue or mine.today or mine.later),
        "may_write": by.may(WRITE),
        "now": now,
    }
    return render_page(request, "tasks/day.html", context, part="workspace")


@needs(VIEW)
@require_GET
def task(request: HttpRequest, task_id: UUID) -> HttpResponse:
    """One task: what, for whom, until when, in whose hands, and how it came there."""
    by, now = person_of(request), clock.now()
    found = get_task(task_id, by=by)
    who, offer = who_of(by), offer_of(found)
    may_change = by.may(WRITE) and may_do(Act.CHANGE, found, who)
    people = [user for user in colleagues(found.project_id) if user.pk != found.owner_id]
    context: dict[str, Any] = {
        "task": found,
        "row": row_of(found, who, by, now, "task"),
        "facts": _facts(found, by),
        "own": card_sections(visible_fields(by, found), found.custom),
        "offer": offer,
        "may_answer": by.may(WRITE) and may_do(Act.ANSWER, found, who),
        "may_change": may_change and found.is_open,
        "may_reopen": may_change and not found.is_open,
        "may_take": found.is_open and found.owner_id != by.id and by.may(WRITE) and may_do(Act.TAKE, found, who),
        "moves": [(state, State(state).label) for state in State if state in MOVES[found.state] and state in _BY_HAND],
        "people": [(user.pk, user.short_name) for user in people],
        "readers": [(user.pk, user.short_name) for user in colleagues(found.project_id) if user.email],
        "teams": [(team.pk, str(team)) for team in list_teams()],
        "may_mail": by.may("messages.send"),
        "hand_overs": found.hand_overs.all(),
        "findings": findings_of([found.interaction_id], by) if found.interaction_id else [],
        "saved": "saved" in request.GET,
        "mailed": "mailed" in request.GET,
        "now": now,
    }
    return render_page(request, "tasks/task.html", context, part="workspace")


_BY_HAND = {State.NEW, State.WORK, State.WAITING}


def _facts(found: Task, by: Person) -> list[dict[str, Any]]:
    """Rows as ui/fact.html takes them, without those that are empty."""
    due = date_format(timezone.localtime(found.due_at), "DATETIME_FORMAT") if found.due_at else ""
    closed = date_format(timezone.localtime(found.closed_at), "DATETIME_FORMAT") if found.closed_at else ""
    subject = _subject(found, by)
    rows = [
        {"label": _("Kind"), "value": found.get_kind_display()},
        {"label": _("Until"), "value": due, "hint": due_note(found)},
        {"label": _("Lasts, min"), "value": str(found.duration_min or ""), "kind": "number"},
        {"label": _("Who has it"), "value": found.holder},
        {"label": _("Action"), "value": str(found.action) if found.action else ""},
        {"label": _("Topic"), "value": str(found.topic) if found.topic else ""},
        {"label": _("Belongs to"), "value": subject},
        {"label": _("Phone"), "value": f"+{found.address}" if found.address else "", "kind": "phone"},
        {"label": _("Repeats"), "value": found.get_repeat_display() if found.repeat else ""},
        {"label": _("Project"), "value": str(found.project)},
        {"label": _("Planned by"), "value": found.created_by.short_name if found.created_by else ""},
        {"label": _("Closed"), "value": closed},
        {"label": _("Closed by"), "value": found.closed_by.short_name if found.closed_by else ""},
        {"label": _("What came of it"), "value": found.result},
    ]
    return [row for row in rows if row["value"]]


def _subject(found: Task, by: Person) -> str:
    if found.subject is None:
        return ""
    card = subject_cards([(found.subject_kind, found.subject)], by).get((found.subject_kind, found.subject))
    return card.title if card else ""


@needs(WRITE)
@require_POST
def act(request: HttpRequest, task_id: UUID, act: str) -> HttpResponse:
    """Whatever is done with a task by one button; then the page on which the button stood."""
    if act not in _ACTS:
        raise NotFound(act=act)
    _ACTS[act](task_id, request.POST, person_of(request), clock.now())
    return HttpResponseRedirect(back_to(request, task_id))


type Doing = Callable[[UUID, QueryDict, Person, datetime], Any]


def _move(task_id: UUID, given: QueryDict, by: Person, now: datetime) -> None:
    if given.get("state") not in State.values:
        raise NotFound(state=given.get("state", ""))
    services.move(task_id=task_id, state=str(given["state"]), by=by, now=now)


def _hand_over(task_id: UUID, given: QueryDict, by: Person, now: datetime) -> None:
    """To a person, who is asked; to a team or to anyone at once; a supervisor may do without asking."""
    to = given.get("to", "")
    if to.startswith("team:") or to == "anyone":
        team = number_of(to.removeprefix("team:")) if to.startswith("team:") else None
        services.let_go(task_id=task_id, team_id=team, by=by, now=now)
    elif "unasked" in given and by.may(ASSIGN):
        services.assign(task_id=task_id, to_id=number_of(to) or 0, by=by, now=now)
    else:
        services.hand_over(task_id=task_id, to_id=number_of(to) or 0, note=given.get("note", ""), by=by, now=now)


def _postpone(task_id: UUID, given: QueryDict, by: Person, now: datetime) -> None:
    due = services.read_local(given.get("date", ""), given.get("time", ""))
    if due is None:
        raise services.TaskWrong(problems={"due": Wrong("date.wrong")})
    services.postpone(task_id=task_id, due=due, by=by, now=now)


def _mail(task_id: UUID, given: QueryDict, by: Person, now: datetime) -> None:
    services.mail(
        task_id=task_id,
        to_id=number_of(given.get("to", "")) or 0,
        is_detailed=given.get("how") == "detailed",
        by=by,
        now=now,
    )


_ACTS: dict[str, Doing] = {
    "take": lambda key, _given, by, now: services.take(task_id=key, by=by, now=now),
    "accept": lambda key, _given, by, now: services.accept(task_id=key, by=by, now=now),
    "give_back": lambda key, given, by, now: services.give_back(
        task_id=key, reason=given.get("reason", ""), by=by, now=now
    ),
    "do": lambda key, given, by, now: services.do(task_id=key, result=given.get("result", ""), by=by, now=now),
    "cancel": lambda key, given, by, now: services.cancel(task_id=key, why=given.get("result", ""), by=by, now=now),
    "reopen": lambda key, _given, by, now: services.reopen(task_id=key, by=by, now=now),
    "move": _move,
    "hand_over": _hand_over,
    "postpone": _postpone,
    "mail": _mail,
}

_BACKS = {"day": "tasks:day", "board": "tasks:board", "tree": "tasks:tree", "list": "tasks:list"}


def back_to(request: HttpRequest, task_id: UUID) -> str:
    """The page that the form names, with its own query: none that somebody else could have written."""
    back = request.POST.get("back", "")
    if back in _BACKS:
        query = request.POST.get("query", "")
        return reverse(_BACKS[back]) + (f"?{query}" if query and "\n" not in query else "")
    card = reverse("tasks:task", args=[task_id])
    return f"{card}?mailed" if request.path.endswith("/mail/") else f"{card}?saved"


def number_of(text: str) -> int | None:
    """An id out of a form; None for what is none."""
    return int(text) if text.isascii() and text.isdecimal() and len(text) < LONGEST_KEY else None


@needs(VIEW)
@require_GET
def reminder(request: HttpRequest) -> HttpResponse:
    """A notice of what is due, for the corner of the page: it takes nobody's focus."""
    try:
        key = UUID(request.GET.get("task", ""))
    except ValueError:
        raise NotFound(task="") from None
    now = clock.now()
    found = get_task(key, by=person_of(request))
    row = {"task": found, "icon": ICONS[Kind(found.kind)], "url": reverse("tasks:task", args=[key])}
    return render(request, "tasks/_reminder.html", {"row": row, "note": due_note(found), "now": now})
