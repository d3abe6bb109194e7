"""What stands in the workspace, the helper panel, the rail and the note strip."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from typing import Any
from uuid import UUID

from django.db.models import Avg, Count, F, Q
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from perezvon.cores.calls.model import Call
from perezvon.cores.routing import Presence
from perezvon.foundation.access import Person
from perezvon.foundation.ui.templatetags.ui import phone
from perezvon.modules.desk.models import Draft
from perezvon.modules.desk.screens.callbar import Bar, CallView
from perezvon.modules.interactions.models import Interaction, Segment
from perezvon.modules.interactions.selectors import (
    dimensions_of,
    list_callbacks,
    list_recent_of,
    list_unfilled,
    outcome_of,
    picker,
    topic_paths,
)
from perezvon.modules.interactions.services import RESULT_FIELDS, ResultForm, has_free_topic, result_form
from perezvon.modules.knowledge.selectors import VIEW as KNOWLEDGE
from perezvon.modules.knowledge.selectors import list_for_topics
from perezvon.modules.routing.models import Queue
from perezvon.modules.routing.selectors import shift_began_at
from perezvon.modules.tasks.models import Task
from perezvon.modules.tasks.selectors import VIEW as SEE_TASKS
from perezvon.modules.tasks.selectors import WRITE as PLAN
from perezvon.modules.tasks.selectors import (
    calling_hours,
    contacts_with_callback,
    list_calls_to_make,
    local_due,
    may_be_called,
    next_step_form,
    time_there,
    waiting_for,
)
from perezvon.modules.topics.registry import tools_of
from perezvon.modules.topics.selectors import TopicNode, topic_tree

CHANNEL_ICONS = {"phone": "phone", "visit": "building", "web": "link"}


# --- helper panel -------------------------------------------------------------------------------------


@dataclass(slots=True)
class ContactView:
    id: UUID
    number: int
    version: int
    topics: list[dict[str, Any]]
    topics_url: str
    tree: list[dict[str, Any]]
    needs_topic: bool
    speaker: str
    on_behalf: str
    speaker_url: str
    customer_name: str
    identification: dict[str, str]
    notes: list[dict[str, Any]]
    dimensions: dict[str, Any]
    offers: dict[str, Any]
    topic_text: dict[str, Any]
    articles: list[dict[str, Any]]
    tools: list[dict[str, str]]

    @property
    def key(self) -> str:
        return str(self.id)


def contact_view(contact: Interaction, gate: dict[str, str], by: Person, now: datetime) -> ContactView:
    """The contact as the helper panel shows it; `contact` comes with notes and topics. Five queries more.

    articles: what is known about its topics; one query, once there are some.
    """
    chosen = [row.topic for row in contact.topics.all()]
    paths = topic_paths(chosen)
    return ContactView(
        id=contact.pk,
        number=contact.number,
        version=contact.version,
        topics=[
            {
                "id": topic.pk,
                "path": paths[topic.pk],
                "remove_url": reverse("desk:topic_remove", args=[contact.pk, topic.pk]),
            }
            for topic in chosen
        ],
        topics_url=reverse("desk:topics", args=[contact.pk]),
        tree=[_node(node, {topic.pk for topic in chosen}) for node in topic_tree(contact.project_id)],
        needs_topic=True,
        speaker=contact.speaker,
        on_behalf=contact.on_behalf,
        speaker_url=reverse("desk:speaker", args=[contact.pk]),
        customer_name=contact.customer.full_name if contact.customer else "",
        identification=gate,
        notes=[{"by": note.author.short_name, "at": note.at, "text": note.text} for note in contact.notes.all()],
        dimensions={
            "dimensions": [
                {
                    "code": one.code,
                    "name": one.name,
                    "value": contact.dimensions.get(one.code, ""),
                    "values": list(one.values.items()),
                }
                for one in dimensions_of(contact.project)
            ],
            "url": reverse("interactions:dimension", args=[contact.pk]),
        },
        offers=picker(contact, now=now),
        topic_text={
            "is_on": has_free_topic(contact.project),
            "value": contact.topic_text,
            "url": reverse("desk:topic_text", args=[contact.pk]),
        },
        articles=_articles([topic.pk for topic in chosen], contact.pk, by, now),
        tools=[{"title": str(tool.title), "url": tool.url(contact.pk)} for tool in tools_of(chosen, by)],
    )


def _articles(topics: list[int], contact: UUID, by: Person, now: datetime) -> list[dict[str, Any]]:
    if not topics or not by.may(KNOWLEDGE):
        return []
    return [
        {
            "title": article.current.title if article.current else "",
            "brief": article.current.brief if article.current else "",
            "url": f"{reverse('knowledge:article', args=[article.pk])}?contact={contact}",
        }
        for article in list_for_topics(topics, by=by, now=now)
    ]


def _node(node: TopicNode, chosen: set[int]) -> dict[str, Any]:
    return {
        "id": node.topic.pk,
        "name": str(node.topic),
        "leaf": not node.children,
        "selected": node.topic.pk in chosen,
        "children": [_node(child, chosen) for child in node.children],
    }


# --- write-up -----------------------------------------------------------------------------------------

FIELD_WORDS: dict[str, Callable[[], str]] = {
    **{code: partial(str, field.asked) for code, field in RESULT_FIELDS.items()},
    "result": lambda: _("result"),
    "topic": lambda: _("topic"),
    "next": lambda: _("next action"),
}


@dataclass(slots=True)
class WriteUp:
    """The wrap-up form. given: what was typed in an attempt that was refused. callback: None where none is promised."""

    contact: ContactView
    form: ResultForm
    callback: dict[str, Any] | None
    comment: str
    missing: list[dict[str, str]]
    refused: str
    finish: list[dict[str, str]]
    next_label: str
    save_url: str
    form_url: str
    next: dict[str, Any] | None


def write_up(
    contact: Interaction,
    shown: ContactView,
    bar: Bar,
    given: dict[str, str],
    missing: list[str],
    by: Person,
    now: datetime,
) -> WriteUp:
    form = result_form(contact, given, by=by, now=now)
    return WriteUp(
        contact=shown,
        form=form,
        callback=promised_call(contact, form, given, now),
        comment=given.get("comment", ""),
        missing=[{"field": name, "text": FIELD_WORDS[name]() if name in FIELD_WORDS else name} for name in missing],
        refused=given.get("refused", ""),
        finish=[
            {"presence": choice.presence, "reason": choice.reason, "label": choice.label}
            for choice in bar.agent.choices
        ],
        next_label=next_label(contact, bar),
        save_url=reverse("desk:finish", args=[contact.pk]),
        form_url=reverse("desk:result_form", args=[contact.pk]),
        next=next_step_form(contact, given, by=by, error=given.get("next_error", "")) if by.may(PLAN) else None,
    )


def promised_call(
    contact: Interaction, form: ResultForm, given: Mapping[str, str], now: datetime
) -> dict[str, Any] | None:
    """When to call back, as _callback_fields.html takes it; None where the chosen result promises no call."""
    if form.callback is None:
        return None
    asked = {name: form.callback[name] for name in ("callback_proposed", "asks_declines", "declines")}
    typed = {**given, **{name: str(form.callback[name]) for name in ("callback_date", "callback_time")}}
    return callback_of(contact, typed, now) | asked


def callback_of(contact: Interaction, given: dict[str, str], now: datetime) -> dict[str, Any]:
    """When to call back: by the operator's clock, with what the customer's shows then."""
    tomorrow = timezone.localtime(now) + timedelta(days=1)
    day, clock = given.get("callback_date") or tomorrow.strftime("%Y-%m-%d"), given.get("callback_time") or "11:00"
    shown: dict[str, Any] = {"zone_note": "", "allowed": None, "allowed_text": ""}
    with suppress(ValueError):
        moment = timezone.make_aware(datetime.fromisoformat(f"{day}T{clock}"))
        place, there, is_allowed = time_there(contact, moment)
        begins, ends = calling_hours(contact.project)
        if place.is_sure or there.utcoffset() != moment.utcoffset():
            shown["zone_note"] = _("{time} at the customer's").format(time=f"{there:%H:%M}")
        if not is_allowed:
            shown["allowed"] = False
            shown["allowed_text"] = _("calls are permitted {span} there").format(
                span=f"{begins:%H:%M}\u2013{ends:%H:%M}"
            )
    hours_url = reverse("desk:hours", args=[contact.pk])
    return shown | {"date": day, "time": clock, "to": given.get("callback_to") or "me", "hours_url": hours_url}


def next_label(contact: Interaction, bar: Bar) -> str:
    if bar.agent.next:
        return bar.agent.next["label"]
    queue = Queue.objects.filter(pk=contact.queue).first() if contact.queue is not None else None
    return (_("Ready") if queue and queue.ready_after else _("Not ready")).lower()


# --- note strip, rail, home ---------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class NoteStrip:
    contact: Interaction | None = None
    draft: Draft | None = None
    draft_url: str = ""
    note_url: str = ""


def note_strip(contact: Interaction | None, by: Person) -> NoteStrip:
    """One query."""
    if contact is None:
        return NoteStrip()
    draft = Draft.objects.filter(user_id=by.id, subject=f"interaction:{contact.pk}", field="note").first()
    return NoteStrip(
        contact, draft, reverse("desk:draft", args=[contact.pk, "note"]), reverse("desk:note", args=[contact.pk])
    )


TONES = {
    "ringing": "ring",
    "talking": "talk",
    "held": "wrap",
    "consulting": "talk",
    "wrapup": "wrap",
    "dialling": "ring",
}


def rail_work(bar: Bar, script: str = "") -> list[dict[str, Any]]:
    """The call in hand as a task of the rail, with the scenario by which it is led (F06.11)."""
    call = bar.call
    if call is None:
        return []
    who = call.customer_name or (phone(call.number) if call.number else _("Number withheld"))
    return [
        {
            "title": call.title,
            "text": f"{who} · {script}" if script else who,
            "since": call.since,
            "until": call.until,
            "tone": TONES.get(call.state, "away"),
            "url": reverse("desk:desk"),
            "current": True,
        }
    ]


@dataclass(slots=True)
class Day:
    """What the idle call bar says of the shift so far. shift_since: None before it has begun."""

    shift_since: datetime | None
    calls: int
    talk_s: int
    wrap_s: int
    waiting: int
    longest_since: datetime | None


def my_day(by: Person, queues: Collection[int], now: datetime) -> Day:
    """queues: those he serves. Three queries."""
    midnight = timezone.localtime(now).replace(hour=0, minute=0, second=0, microsecond=0)
    mine = Segment.objects.filter(agent=by.id, began_at__gte=midnight, ended_at__isnull=False)
    figures = mine.aggregate(
        calls=Count("interaction", filter=Q(kind="talk"), distinct=True),
        talk=Avg(F("ended_at") - F("began_at"), filter=Q(kind="talk")),
        wrap=Avg(F("ended_at") - F("began_at"), filter=Q(kind="wrap_up")),
    )
    waiting = (
        Segment.objects.filter(kind="queue", ended_at=None, queue__in=queues)
        .order_by("began_at")
        .values_list("began_at", flat=True)
    )
    queue = list(waiting[:100])
    return Day(
        shift_since=shift_began_at(by.id),
        calls=figures["calls"],
        talk_s=int(figures["talk"].total_seconds()) if figures["talk"] else 0,
        wrap_s=int(figures["wrap"].total_seconds()) if figures["wrap"] else 0,
        waiting=len(queue),
        longest_since=queue[0] if queue else None,
    )


@dataclass(slots=True)
class Home:
    today: str
    callbacks: list[dict[str, Any]] = field(default_factory=list)
    unfilled: list[dict[str, Any]] = field(default_factory=list)
    recent: list[dict[str, Any]] = field(default_factory=list)
    figures: list[dict[str, Any]] = field(default_factory=list)


def home(by: Person, now: datetime) -> Home:
    """My day: promised calls, contacts without a result, the latest contacts."""
    since = timezone.localtime(now).replace(hour=0, minute=0, second=0, microsecond=0)
    return Home(
        today=date_format(timezone.localtime(now), "l, j E"),
        callbacks=_callbacks(by, now),
        unfilled=[
            {
                "number": contact.number,
                "title": contact.customer.full_name if contact.customer else _shown(contact),
                "at": contact.began_at,
                "url": reverse("desk:write_up", args=[contact.pk]),
            }
            for contact in list_unfilled(by.id, by=by)
        ],
        recent=[_recent(contact) for contact in list_recent_of(by.id, by=by, since=since)],
    )


def _callbacks(by: Person, now: datetime) -> list[dict[str, Any]]:
    """Calls to make until tonight: planned ones, and promises of contacts from before there were tasks."""
    promised = list_callbacks(by.id, by=by)
    if not by.may(SEE_TASKS):
        return [_callback(contact, now) for contact in promised]
    planned = contacts_with_callback([contact.pk for contact in promised])
    rows = [_planned(task, now) for task in list_calls_to_make(by, now)]
    rows += [_callback(contact, now) for contact in promised if contact.pk not in planned]
    return sorted(rows, key=lambda row: row["at"])


def _planned(task: Task, now: datetime) -> dict[str, Any]:
    there = local_due(task)
    differs = there is not None and there.utcoffset() != timezone.localtime(task.due_at).utcoffset()
    begins = f"{calling_hours(task.project)[0]:%H:%M}"
    return {
        "at": task.due_at,
        "late": task.due_at is not None and task.due_at < now,
        "name": task.customer.full_name if task.customer else f"+{task.address}",
        "note": task.title,
        "number": f"+{task.address}",
        "dial_url": reverse("desk:dial"),
        "local": _("{time} at the customer's").format(time=f"{there:%H:%M}") if there and differs else "",
        "blocked": "" if may_be_called(task, now) else _("from {time} by the customer's clock").format(time=begins),
        "url": reverse("tasks:task", args=[task.pk]),
    }


def rail_waiting(by: Person) -> list[dict[str, Any]]:
    """Tasks that wait to be accepted or taken, as one line of the rail, whatever else goes on (F10.04). One query."""
    waiting = waiting_for(by) if by.may(SEE_TASKS) else []
    if not waiting:
        return []
    offered = sum(is_offered for is_offered, _at in waiting)
    told = _("Handed to you: {count}").format(count=offered) if offered else ""
    told = told or _("In the queue: {count}").format(count=len(waiting))
    return [
        {
            "title": _("There are tasks for you"),
            "text": told,
            "since": min(at for _is_offered, at in waiting),
            "until": None,
            "tone": "accent" if offered else "away",
            "url": reverse("tasks:day"),
            "current": False,
            "tab": True,
        }
    ]


def _shown(contact: Interaction) -> str:
    return str(phone(f"+{contact.address}")) if contact.address.isdigit() else contact.address or _("Number withheld")


def _callback(contact: Interaction, now: datetime) -> dict[str, Any]:
    at = datetime.fromisoformat(contact.result_fields["callback_at"])
    return {
        "at": at,
        "late": at < now,
        "name": contact.customer.full_name if contact.customer else _shown(contact),
        "note": str(contact.result) if contact.result else "",
        "number": f"+{contact.address}",
        "dial_url": reverse("desk:dial"),
        "local": "",
        "blocked": "" if contact.address else _("The number was withheld"),
    }


def _recent(contact: Interaction) -> dict[str, Any]:
    lasted = contact.ended_at - contact.answered_at if contact.ended_at and contact.answered_at else None
    return {
        "at": contact.began_at,
        "icon": "phone-outgoing" if contact.direction == "outbound" else "phone-incoming",
        "name": contact.customer.full_name if contact.customer else _shown(contact),
        "number": f"+{contact.address}" if contact.address else "",
        "result": outcome_of(contact),
        "url": reverse("interactions:contact", args=[contact.pk]),
        "lasted_s": int(lasted.total_seconds()) if lasted else None,
        "dropped": contact.ended_by == "link" and bool(contact.address),
        "dial_url": reverse("desk:dial"),
    }


def in_hand(call: Call | None, view: CallView | None) -> UUID | None:
    """The contact that the desk is about now."""
    return view.interaction_id if view else (call.contact_id if call else None)


def parse_choice(text: str) -> tuple[Presence, str] | None:
    """ "not_ready:lunch" as it comes from a menu; None for nothing chosen. Raises ValueError for nonsense."""
    presence, _colon, reason = text.partition(":")
    return (Presence(presence), reason) if presence else None
