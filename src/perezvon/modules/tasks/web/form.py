"""The form of a task: a new one, or one that there is."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo, available_timezones

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import pgettext
from django.views.decorators.http import require_GET, require_http_methods

from perezvon.cores.worktime import NeverOpens, add
from perezvon.foundation import clock
from perezvon.foundation.access import Person
from perezvon.foundation.calendars.selectors import calendar_for
from perezvon.foundation.commands.services import intent
from perezvon.foundation.fields.field import PREFIX
from perezvon.foundation.fields.forms import form_groups, typed_of
from perezvon.foundation.fields.own import typed_in
from perezvon.foundation.fields.selectors import fields_of
from perezvon.foundation.fields.words import problem_words as own_problem_words
from perezvon.foundation.people.models import Project
from perezvon.foundation.people.selectors import list_projects, list_teams
from perezvon.foundation.web.guard import needs, person_of
from perezvon.foundation.web.render import render_page
from perezvon.foundation.web.words import words_for
from perezvon.kernel.checks import Wrong
from perezvon.kernel.errors import NotFound
from perezvon.kernel.ids import uuid7
from perezvon.modules.customers.models import Customer
from perezvon.modules.customers.selectors import get_customer
from perezvon.modules.interactions.models import Interaction
from perezvon.modules.interactions.selectors import get_interaction
from perezvon.modules.tasks import services
from perezvon.modules.tasks.models import FIELDS, Kind, Repeat, Task
from perezvon.modules.tasks.registry import SubjectCard, subject_cards
from perezvon.modules.tasks.rules import is_permitted, next_dates
from perezvon.modules.tasks.selectors import (
    WRITE,
    actions_of,
    calling_hours,
    colleagues,
    get_task,
    number_of,
    place_of,
    stage_of,
)
from perezvon.modules.tasks.services import OutsideHours, TaskWrong, Wanted
from perezvon.modules.tasks.web.views import number_of as number
from perezvon.modules.tasks.web.words import home_zone, offset_of, problem_words
from perezvon.modules.topics.selectors import topic_tree

DATES_SHOWN = 5

_UNPROCESSABLE = 422
_REMINDERS = (0, 5, 15, 60, 1440)


@needs(WRITE)
@require_http_methods(["GET", "POST"])
def new(request: HttpRequest) -> HttpResponse:
    """?customer, ?contact, ?subject (kind:id), ?kind, ?date, ?time: what is known already."""
    by, now = person_of(request), clock.now()
    known = request.GET if request.method == "GET" else request.POST
    contact = _contact(known.get("contact", ""), by)
    subject = _subject(known.get("subject", ""), by)
    customer = _customer(known.get("customer", ""), by) or (contact.customer if contact else None)
    if customer is None and subject is not None and subject[1].customer_id is not None:
        customer = get_customer(subject[1].customer_id, by=by)
    if request.method == "GET":
        first = _first_values(request.GET, contact, customer, by, now) | {"subject": known.get("subject", "")}
        return _page(request, None, contact, customer, first, {})
    wanted = replace(_wanted(request.POST, contact, customer, by), subject=subject[0] if subject else None)
    try:
        with intent(_command_id(request.POST.get("command_id", ""))):
            task = services.plan(wanted=wanted, by=by, now=now)
    except (TaskWrong, OutsideHours) as refused:
        return _page(request, None, contact, customer, request.POST, _problems(refused), _UNPROCESSABLE)
    return HttpResponseRedirect(f"{reverse('tasks:task', args=[task.pk])}?saved")


@needs(WRITE)
@require_http_methods(["GET", "POST"])
def edit(request: HttpRequest, task_id: UUID) -> HttpResponse:
    by, now = person_of(request), clock.now()
    task = get_task(task_id, by=by)
    if request.method == "GET":
        return _page(request, task, task.interaction, task.customer, _values(task) | typed_in(task, by), {})
    wanted = _wanted(request.POST, task.interaction, task.customer, by)
    try:
        services.edit(
            task_id=task_id, version=number(request.POST.get("version", "")) or 0, wanted=wanted, by=by, now=now
        )
    except (TaskWrong, OutsideHours) as refused:
        return _page(request, task, task.interaction, task.customer, request.POST, _problems(refused), _UNPROCESSABLE)
    return HttpResponseRedirect(f"{reverse('tasks:task', args=[task_id])}?saved")


@needs(WRITE)
@require_GET
def hours(request: HttpRequest) -> HttpResponse:
    """What a date and a time are for the customer, and whether he may be called then; asked while one types."""
    by, now = person_of(request), clock.now()
    given = request.GET
    contact = _contact(given.get("contact", ""), by)
    customer = _customer(given.get("customer", ""), by) or (contact.customer if contact else None)
    project = _project(given, contact, customer, by)
    due = services.read_local(
        given.get("date", "") or given.get("callback_date", "") or given.get("next_date", ""),
        given.get("time", "") or given.get("callback_time", "") or given.get("next_time", ""),
    )
    if project is None or due is None:
        return HttpResponse("")
    address = contact.address if contact else ""
    return render(request, "tasks/_hours.html", told_of(customer, address, project, due, now))


@needs(WRITE)
@require_GET
def dates(request: HttpRequest) -> HttpResponse:
    """The first dates of a task that repeats; asked while one types."""
    due = services.read_local(request.GET.get("date", ""), request.GET.get("time", "") or "00:00")
    until, repeat = _day(request.GET.get("repeat_until", "")), request.GET.get("repeat", "")
    found = next_dates(due, repeat, until, DATES_SHOWN) if due and repeat else []
    return render(request, "tasks/_dates.html", {"dates": found, "is_all": len(found) < DATES_SHOWN})


def told_of(customer: Customer | None, address: str, project: Project, due: datetime, now: datetime) -> dict[str, Any]:
    """As tasks/_hours.html takes it. due: on the customer's wall."""
    place = place_of(customer, address, project)
    moment = due.replace(tzinfo=ZoneInfo(place.zone))
    begins, ends = calling_hours(project)
    is_allowed = is_permitted(moment, place.zone, (begins, ends))
    span = f"{begins:%H:%M}\u2013{ends:%H:%M}"
    mine = timezone.localtime(moment)
    return {
        "there": f"{due:%H:%M}",
        "zone": offset_of(moment),
        "is_sure": place.is_sure,
        "mine": "" if mine.utcoffset() == moment.utcoffset() else f"{mine:%H:%M}",
        "is_allowed": is_allowed,
        "text": _("may be called then") if is_allowed else _("calls are permitted {span} there").format(span=span),
        "is_past": moment < now,
    }


# --- what the form says -------------------------------------------------------------------------------


def _wanted(given: QueryDict, contact: Interaction | None, customer: Customer | None, by: Person) -> Wanted:
    owner = given.get("owner", "")
    remind = given.get("remind", "")
    return Wanted(
        title=given.get("title", ""),
        kind=given.get("kind", Kind.TODO),
        text=given.get("text", "").replace("\r\n", "\n"),
        due=services.read_local(given.get("date", ""), given.get("time", "")),
        zone=given.get("zone", "").strip(),
        duration_min=number(given.get("duration", "")) or 0,
        remind_min=number(remind) if remind else None,
        repeat=given.get("repeat", ""),
        repeat_until=_day(given.get("repeat_until", "")),
        project_id=number(given.get("project", "")),
        customer_id=customer.pk if customer else None,
        interaction_id=contact.pk if contact else None,
        topic_id=number(given.get("topic", "")),
        action_id=number(given.get("action", "")),
        address=given.get("address", "").strip(),
        owner_id=number(owner),
        team_id=number(owner.removeprefix("team:")) if owner.startswith("team:") else None,
        to_anyone=owner == "anyone",
        custom=typed_of(given, fields_of(FIELDS, by), whole=True),
    )


def _first_values(
    given: QueryDict, contact: Interaction | None, customer: Customer | None, by: Person, now: datetime
) -> dict[str, str]:
    """What a new form proposes: eight working hours from now, or the time that was clicked."""
    project = _project(given, contact, customer, by)
    kind = given.get("kind", "") if given.get("kind", "") in Kind.values else Kind.TODO
    due = services.read_local(given.get("date", ""), given.get("time", ""))
    if due is None and project is not None:
        due = _proposed(project, by, place_of(customer, "", project).zone, now)
    return {
        "kind": str(kind),
        "date": f"{due:%Y-%m-%d}" if due else "",
        "time": f"{due:%H:%M}" if due else "",
        "remind": "15",
        "owner": str(by.id),
        "project": str(project.pk) if project else "",
        "address": f"+{number_of(customer)}" if customer and number_of(customer) else "",
        "zone": place_of(customer, contact.address if contact else "", project).zone if project else "",
    }


def _proposed(project: Project, by: Person, zone: str, now: datetime) -> datetime:
    """A working day later, at a quarter of an hour."""
    try:
        due = add(calendar_for(project_id=project.pk, team_id=by.team_id), now, timedelta(hours=8))
    except NeverOpens:
        due = now + timedelta(days=1)
    local = due.astimezone(ZoneInfo(zone)).replace(second=0, microsecond=0, tzinfo=None)
    return local - timedelta(minutes=local.minute % 15)


def _values(task: Task) -> dict[str, str]:
    return {
        "title": task.title,
        "kind": task.kind,
        "text": task.text,
        "date": task.due_local[:10],
        "time": task.due_local[11:],
        "zone": task.zone,
        "duration": str(task.duration_min or ""),
        "remind": "" if task.remind_min is None else str(task.remind_min),
        "repeat": task.repeat,
        "repeat_until": task.repeat_until.isoformat() if task.repeat_until else "",
        "project": str(task.project_id),
        "topic": str(task.topic_id or ""),
        "action": str(task.action_id or ""),
        "address": f"+{task.address}" if task.address else "",
        "version": str(task.version),
    }


def _problems(refused: TaskWrong | OutsideHours) -> dict[str, str]:
    if isinstance(refused, OutsideHours):
        return {"due": words_for(refused)}
    problems: Mapping[str, Wrong] = refused.facts["problems"]  # type: ignore[assignment]
    return {
        name: own_problem_words(wrong.code, wrong.facts) if name.startswith(PREFIX) else problem_words(wrong)
        for name, wrong in problems.items()
    }


def _page(
    request: HttpRequest,
    task: Task | None,
    contact: Interaction | None,
    customer: Customer | None,
    values: Mapping[str, str],
    errors: Mapping[str, str],
    status: int = 200,
) -> HttpResponse:
    by = person_of(request)
    project = task.project if task else _project(values, contact, customer, by)
    projects = [] if task or contact else list_projects(by=by)
    context = {
        "task": task,
        "contact": contact,
        "customer": customer,
        "title": _("Change the task") if task else _("A new task"),
        "values": {name: values.get(name, "") for name in _FIELDS},
        "errors": errors,
        "own": form_groups(fields_of(FIELDS, by), values, errors),
        "kinds": Kind.choices,
        "repeats": Repeat.choices,
        "reminders": [(str(one), _reminder(one)) for one in _REMINDERS],
        "projects": [(str(one.pk), str(one)) for one in projects] if len(projects) > 1 else [],
        "topics": _topics(project),
        "actions": _actions(project, contact),
        "owners": _owners(project, by),
        "zones": sorted(zone for zone in available_timezones() if zone.startswith(("Europe/", "Asia/"))),
        "home": home_zone(),
        "save_url": reverse("tasks:edit", args=[task.pk]) if task else reverse("tasks:new"),
        "back_url": reverse("tasks:task", args=[task.pk]) if task else reverse("tasks:day"),
        "hours_url": reverse("tasks:hours"),
        "subject": values.get("subject", ""),
        "command_id": values.get("command_id", "") or str(uuid7(clock.now())),
    }
    return render_page(request, "tasks/form.html", context, part="workspace", status=status)


_FIELDS = (
    "title", "kind", "text", "date", "time", "zone", "duration", "remind", "repeat", "repeat_until", "project",
    "topic", "action", "address", "owner", "version",
)  # fmt: skip


def _reminder(minutes: int) -> str:
    if minutes == 0:
        return _("at the time itself")
    if minutes == 1440:
        return _("a day ahead")
    if minutes == 60:
        return _("an hour ahead")
    return _("{count} min ahead").format(count=minutes)


def _topics(project: Project | None) -> list[tuple[str, str]]:
    if project is None:
        return []
    nodes = (node for root in topic_tree(project.pk) for node in root.walk())
    return [(str(node.topic.pk), f"{'\u2014 ' * node.depth}{node.topic}") for node in nodes]


def _actions(project: Project | None, contact: Interaction | None) -> list[tuple[str, str]]:
    """Of a contact those that may follow its stage; else all."""
    if project is None:
        return []
    stage = stage_of(contact.pk) if contact else None
    code = (stage.stage.code if stage else "") if contact else None
    return [(str(one.pk), str(one)) for one in actions_of(project.pk, code)]


def _owners(project: Project | None, by: Person) -> list[tuple[str, str]]:
    if project is None:
        return [(str(by.id), pgettext("task owner", "me"))]
    people = [(str(user.pk), user.short_name) for user in colleagues(project.pk) if user.pk != by.id]
    teams = [(f"team:{team.pk}", _("{team} (team)").format(team=team)) for team in list_teams()]
    me, anyone = pgettext("task owner", "me"), _("anyone of the project")
    return [(str(by.id), me), ("anyone", anyone), *teams, *people]


def _project(
    given: Mapping[str, str], contact: Interaction | None, customer: Customer | None, by: Person
) -> Project | None:
    """Of the contact, the one that was chosen, the customer's own, else the first that one works for."""
    if contact is not None:
        return contact.project
    mine = list_projects(by=by)
    wanted = number(given.get("project", "")) or (customer.project_id if customer else None)
    return next((one for one in mine if one.pk == wanted), mine[0] if mine else None)


def _contact(text: str, by: Person) -> Interaction | None:
    return get_interaction(_uuid(text), by=by) if text else None


def _customer(text: str, by: Person) -> Customer | None:
    return get_customer(_uuid(text), by=by) if text else None


def _subject(text: str, by: Person) -> tuple[tuple[str, UUID], SubjectCard] | None:
    """What it belongs to, as a link of another module says it. Raises NotFound, also for what he may not see."""
    if not text:
        return None
    kind, _colon, key = text.partition(":")
    asked = (kind, _uuid(key))
    card = subject_cards([asked], by).get(asked)
    if card is None:
        raise NotFound(subject=text[:40])
    return asked, card


def _command_id(text: str) -> UUID | None:
    """The form's own id: sent twice, it plans once."""
    try:
        return UUID(text) if text else None
    except ValueError:
        return None


def _uuid(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError:
        raise NotFound(key=text[:40]) from None


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None
