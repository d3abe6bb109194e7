"""One contact, to be read: what it consisted of, what was said and written, what came of it."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.dateparse import parse_datetime
from django.utils.formats import date_format
from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from perezvon.foundation import clock
from perezvon.foundation.access import Actor
from perezvon.foundation.fields.forms import as_form, card_sections, form_groups, typed_of
from perezvon.foundation.fields.selectors import visible_fields
from perezvon.foundation.fields.web.small_forms import FormPage, draw
from perezvon.foundation.fields.words import problem_words
from perezvon.foundation.messages.selectors import list_messages_in
from perezvon.foundation.web.guard import needs, person_of
from perezvon.foundation.web.render import render_page
from perezvon.kernel.checks import Wrong
from perezvon.modules.interactions import words
from perezvon.modules.interactions.messaging import entry_of
from perezvon.modules.interactions.models import Identification, Interaction, Segment
from perezvon.modules.interactions.registry import (
    contact_sections,
    findings_of,
    outcomes_of,
    recordings_of,
    write_up_url,
)
from perezvon.modules.interactions.result_fields import DIALER, told
from perezvon.modules.interactions.results import reason_name
from perezvon.modules.interactions.selectors import (
    dimensions_of,
    get_interaction,
    list_identifications,
    list_segments,
    offered_in,
    topic_paths,
)
from perezvon.modules.interactions.services.writing import FieldsWrong, set_fields
from perezvon.modules.knowledge.selectors import consulted_in

_SCALE = 1000.0  # the drawing's width in its own units
_ORDER = list(words.STRETCH_WORDS)
_THINNEST = 4.0  # so that a stretch of a second is still seen

WRITE = "interactions.write"


@needs("interactions.view")
@require_GET
def contact(request: HttpRequest, interaction_id: UUID) -> HttpResponse:
    """Ten queries, one of the recordings, and those of the sections that modules above add."""
    by, now = person_of(request), clock.now()
    found = get_interaction(interaction_id, by=by)
    paths = topic_paths(row.topic for row in found.topics.all())
    own = visible_fields(by, found)
    context = {
        "contact": found,
        "icon": words.icon_of(found),
        "title": words.title_of(found),
        "chip": _chip(found),
        "facts": _facts(found, by),
        "own": card_sections(own, found.custom),
        "fields_url": reverse("interactions:fields", args=[found.pk])
        if by.may(WRITE) and any(one.is_editable for one in own)
        else "",
        "result": _result(found),
        "topics": [
            *(paths[row.topic_id] for row in found.topics.all()),
            *([found.topic_text] if found.topic_text else []),
        ],
        "identifications": [_identification(one) for one in list_identifications(found.pk).select_related("by")],
        "stretches": _stretches(list(list_segments(found.pk)), now),
        "messages": [entry_of(message, by) for message in list_messages_in(found.pk)],
        "consulted": consulted_in(found.pk),
        "offered": offered_in(found.pk),
        "findings": findings_of([found.pk], by),
        "outcomes": outcomes_of(found, by),
        "recordings": recordings_of([found.pk], by).get(found.pk, []),
        "write_up_url": write_up_url(found, by),
        "sections": contact_sections(found, by, now),
        "now": now,
    }
    return render_page(request, "interactions/contact.html", context, part="workspace")


@needs(WRITE)
@require_http_methods(["GET", "POST"])
def own_fields(request: HttpRequest, interaction_id: UUID) -> HttpResponse:
    """The form of the fields that an administrator has added to contacts."""
    by = person_of(request)
    found = get_interaction(interaction_id, by=by)
    fields, back = visible_fields(by, found), reverse("interactions:contact", args=[found.pk])
    title = _("Contact {number}").format(number=found.number)
    page = FormPage(
        title=title,
        group="",
        submit=_("Save"),
        back_url=back,
        steps=[{"label": title, "url": back}, {"label": _("Fields"), "url": ""}],
        more=lambda given, errors: form_groups(fields, given, errors),
    )
    if request.method != "POST":
        return draw(request, page, as_form(found.custom, fields), {})
    typed = typed_of(request.POST, fields, whole=True)
    try:
        set_fields(interaction_id=found.pk, typed=typed, by=by, now=clock.now())
    except FieldsWrong as wrong:
        problems: dict[str, Wrong] = dict(wrong.facts["problems"])  # type: ignore[call-overload]
        errors = {name: problem_words(one.code, one.facts) for name, one in problems.items()}
        return draw(request, page, typed, errors)
    return HttpResponseRedirect(f"{back}?saved")


def _chip(contact: Interaction) -> dict[str, str]:
    if contact.ended_at is None:
        return {"text": _("under way"), "tone": "talk"}
    return {"text": words.outcome_of(contact), "tone": "" if contact.result else "warn"}


def _facts(contact: Interaction, by: Actor) -> list[dict[str, Any]]:
    """Rows as ui/fact.html takes them, without those that are empty."""
    ended_by = words.ENDED_BY_WORDS.get(contact.ended_by, contact.ended_by)
    number = {"label": _("Number"), "value": f"+{contact.address}", "kind": "phone"}
    rows = [
        {"label": _("Project"), "value": str(contact.project)},
        {"label": _("Line"), "value": contact.line_name},
        number if contact.address else {"label": _("Number"), "value": _("hidden")},
        {"label": _("Operator"), "value": contact.agent.full_name if contact.agent else ""},
        {"label": _("Began"), "value": _moment(contact.began_at), "kind": "number"},
        {"label": _("Answered"), "value": _moment(contact.answered_at), "kind": "number"},
        {"label": _("Ended"), "value": _moment(contact.ended_at), "kind": "number"},
        {"label": _("Ended by"), "value": str(ended_by)},
        {"label": _("Who spoke"), "value": contact.speaker},
        {"label": _("On behalf of"), "value": contact.on_behalf},
        {"label": _("Recording"), "value": _("refused by the customer") if contact.recording_refused else ""},
    ]
    rows += [
        {"label": known.name, "value": known.values.get(contact.dimensions.get(known.code, ""), "")}
        for known in dimensions_of(contact.project)
    ]
    return [row for row in rows if row["value"]]


def _moment(at: datetime | None) -> str:
    return date_format(localtime(at), "SHORT_DATETIME_FORMAT") if at else ""


def _result(contact: Interaction) -> list[dict[str, Any]]:
    fields = contact.result_fields
    reason = fields.get("reason", "")
    group = DIALER.get(fields.get("dialer", ""), "")
    again = parse_datetime(fields.get("callback_at", "") or "")
    rows = [
        {"label": _("Result"), "value": words.outcome_of(contact)},
        {"label": _("Reason"), "value": reason_name(contact.result, reason) if contact.result and reason else ""},
        *({"label": label, "value": text} for label, text in told(fields)),
        {"label": _("Call back"), "value": _moment(again), "kind": "number"},
        {"label": _("Comment"), "value": fields.get("comment", "")},
        {"label": _("For the dialer"), "value": str(group)},
    ]
    return [row for row in rows if row["value"]]


def _identification(tried: Identification) -> dict[str, Any]:
    right = sum(bool(question["passed"]) for question in tried.asked)
    tone, said = words.IDENTIFICATION_WORDS[tried.outcome]
    counted = _("{right} of {asked} answers right").format(right=right, asked=len(tried.asked))
    return {"at": tried.at, "by": tried.by.short_name, "tone": tone, "text": str(said), "counted": counted}


def _stretches(segments: list[Segment], now: datetime) -> list[dict[str, Any]]:
    """Each stretch with its place on a scale that holds them all."""
    if not segments:
        return []
    # What begins together is told in the order of a call: he waits in the queue while an operator is rung.
    segments = sorted(segments, key=lambda one: (one.began_at, _ORDER.index(one.kind)))
    begins = segments[0].began_at
    whole = (max(one.ended_at or now for one in segments) - begins).total_seconds() or 1.0
    return [_stretch(one, begins, whole, now) for one in segments]


def _stretch(segment: Segment, begins: datetime, whole: float, now: datetime) -> dict[str, Any]:
    seconds = ((segment.ended_at or now) - segment.began_at).total_seconds()
    width = max(_THINNEST, seconds / whole * _SCALE)
    x = min((segment.began_at - begins).total_seconds() / whole * _SCALE, _SCALE - width)
    return {
        "kind": segment.kind,
        "name": str(words.STRETCH_WORDS.get(segment.kind, segment.kind)),
        "who": segment.agent.short_name if segment.agent else "",
        "began_at": segment.began_at,
        "seconds": int(seconds),
        "outcome": str(words.OUTCOME_WORDS.get(segment.outcome, segment.outcome)),
        "x": f"{x:.1f}",
        "width": f"{width:.1f}",
    }
