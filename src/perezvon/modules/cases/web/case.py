"""The page of a case (wireframe 10): what happened at the left, what it is at the right."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from perezvon.foundation import clock
from perezvon.foundation.access import Person
from perezvon.foundation.fields.field import Field
from perezvon.foundation.fields.forms import facts as own_facts
from perezvon.foundation.fields.selectors import visible_fields
from perezvon.foundation.files.selectors import VIEW as FILES
from perezvon.foundation.files.web.section import section as files_section
from perezvon.foundation.messages.models import Channel
from perezvon.foundation.people.models import Role, Team
from perezvon.foundation.ui.templatetags.ui import phone
from perezvon.foundation.web.guard import needs, person_of
from perezvon.foundation.web.render import render_page
from perezvon.modules.cases import flow, services
from perezvon.modules.cases.lists import PRIORITY_TONES
from perezvon.modules.cases.models import Approval, Case, Priority, Stage
from perezvon.modules.cases.registry import onward_of
from perezvon.modules.cases.selectors import (
    ASSIGN,
    KIND,
    REGISTER,
    STAGE_TONES,
    VIEW,
    WORK,
    children_of,
    contacts_of,
    get_case,
    line_of,
    linked_to,
    lookers_at,
    macros_for,
    people_for,
)
from perezvon.modules.cases.values import moment_text
from perezvon.modules.cases.web.stream import stream
from perezvon.modules.cases.web.terms import term_rows
from perezvon.modules.cases.web.words import wanted_words
from perezvon.modules.documents.selectors import VIEW as DOCUMENTS
from perezvon.modules.documents.selectors import section_about
from perezvon.modules.interactions.models import Interaction
from perezvon.modules.interactions.registry import findings_of
from perezvon.modules.interactions.selectors import topic_paths
from perezvon.modules.interactions.services import contact_in_hand
from perezvon.modules.tasks.selectors import list_of_subject

_WRITE = "messages.send"


@needs(VIEW)
@require_GET
def case(request: HttpRequest, case_id: UUID) -> HttpResponse:
    """Some twenty-five queries, however much has happened."""
    by, now = person_of(request), clock.now()
    found = get_case(case_id, by=by)
    if found.merged_into_id and "merged" not in request.GET:
        return HttpResponseRedirect(f"{_url(found.merged_into_id)}?from={found.number}")
    services.look_at_case(case_id=found.pk, edits=False, by=by, now=now)
    return render_page(request, "cases/case.html", page(found, by, now, request.GET), part="workspace")


def page(found: Case, by: Person, now: datetime, given: Mapping[str, str]) -> dict[str, Any]:
    own = {one.name: one for one in visible_fields(by, found)}
    works = by.may(WORK) and not found.merged_into_id
    return {
        "case": found,
        "saved": "saved" in given,
        "merged_from": given.get("from", ""),
        "heading": found.title,
        "chips": _chips(found),
        "customer": _customer(found),
        "steps": _steps(found, by, own),
        "facts": _facts(found, own, now),
        "terms": term_rows(found, now),
        "lookers": lookers(found, by, now),
        "entries": stream(found, by, own),
        "composer": composer(found, by) if works else None,
        "links": _links(found, by),
        "findings": findings_of(contacts_of(found), by),
        "points": list(found.points.select_related("done_by")),
        "approvals": _approvals(found, by),
        "hands": _hands(found) if by.may(ASSIGN) else None,
        "incident": _incident(found) if by.may(ASSIGN) and not found.is_over else None,
        "documents": section_about(KIND, found.pk, by=by, now=now) if by.may(DOCUMENTS) else None,
        "files": files_section(KIND, found.pk, by=by, now=now) if by.may(FILES) else None,
        "macros": macros_for(found.kind_id) if works else [],
        "in_hand": _in_hand(found, by) if works else None,
        "follows": found.followers.filter(user=by.id).exists(),
        "followers": found.followers.count(),
        "marks": services.MARKS if works and found.is_over and found.customer_id else [],
        "tasks": list_of_subject(KIND, found.pk, by=by),
        "onward": onward_of(found, by=by) if not found.merged_into_id else [],
        "may": {
            "work": works,
            "edit": works and found.stage != Stage.CLOSED,
            "take": works and found.person_id != by.id and (found.person_id is None or by.may(ASSIGN)),
            "split": works and by.may(REGISTER),
        },
        "now": now,
    }


def _url(key: UUID) -> str:
    return reverse("cases:case", args=[key])


def _in_hand(found: Case, by: Person) -> Interaction | None:
    """The contact that he has with the customer now, unless the case has it already. Two queries."""
    contact = contact_in_hand(found.customer_id, by=by) if found.customer_id else None
    return None if contact is None or found.entries.filter(contact=contact).exists() else contact


def _chips(found: Case) -> list[dict[str, str]]:
    chips = [{"text": str(found.state), "tone": STAGE_TONES[Stage(found.stage)]}]
    if found.priority != Priority.NORMAL:
        chips.append({"text": str(found.get_priority_display()), "tone": PRIORITY_TONES[Priority(found.priority)]})
    if found.incident:
        chips.append({"text": _("Mass incident"), "tone": "bad"})
    if found.reopened:
        chips.append({"text": _("opened again"), "tone": "warn"})
    return chips


def _customer(found: Case) -> dict[str, str] | None:
    if found.customer is None:
        return None
    shown = phone(services.address_of(found, Channel.SMS)) if found.customer_id else ""
    parts = (found.customer.full_name, shown, found.customer.segment)
    return {
        "url": reverse("customers:card", args=[found.customer_id]),
        "name": parts[0],
        "more": " · ".join(filter(None, parts[1:])),
    }


def _steps(found: Case, by: Person, own: Mapping[str, Field]) -> list[dict[str, Any]]:
    """The steps that he may take, each with what still has to be there."""
    known, steps = services.flow_and_steps(found, by)
    standing = services.standing_of(found) if steps else flow.Standing()
    rows = []
    for step in steps:
        target = known.states[step.target]
        wanting = flow.missing(step, flow.Stage(target.stage), standing, commented=True)
        rows.append(
            {
                "id": step.key,
                "label": str(known.row(step.key)) or str(target),
                "target": str(target),
                "missing": wanted_words(wanting, own),
                "comment": flow.COMMENT in step.requires,
                "stage": target.stage,
            }
        )
    return rows


def _facts(found: Case, own: Mapping[str, Field], now: datetime) -> list[dict[str, Any]]:
    topic = topic_paths([found.topic])[found.topic_id] if found.topic and found.topic_id else ""
    overdue = found.due is not None and found.due < now and not found.is_over
    rows: list[dict[str, Any]] = [
        {"label": _("Responsible"), "value": found.person.short_name if found.person else _("nobody yet")},
        {"label": _("Team"), "value": str(found.team or "")},
        {"label": _("Kind"), "value": str(found.kind)},
        {"label": _("Category"), "value": str(found.category or "")},
        {"label": _("Topic"), "value": topic},
        {"label": _("Product"), "value": str(found.product or "")},
        {"label": _("Priority"), "value": str(found.get_priority_display())},
        {"label": _("Due"), "value": _moment(found.due), "kind": "chip" if overdue else "number", "tone": "bad"},
        {"label": _("Promised"), "value": _moment(found.promised), "kind": "number"},
        {"label": _("First answer"), "value": _moment(found.answered_at), "kind": "number"},
        {"label": _("Finished"), "value": _moment(found.over_at), "kind": "number"},
        {"label": _("Customer's mark"), "value": f"{found.mark} / 5" if found.mark else "", "hint": found.mark_words},
        {"label": _("The customer is told"), "value": found.state.told_text},
        {"label": _("Project"), "value": str(found.project)},
        {"label": _("Came in"), "value": str(found.get_source_display())},
        {"label": _("Registered by"), "value": found.registered_by.short_name if found.registered_by else ""},
    ]
    return [row for row in rows if row["value"]] + own_facts(own.values(), found.custom)


def _moment(at: datetime | None) -> str:
    return date_format(localtime(at), "SHORT_DATETIME_FORMAT") if at else ""


def composer(found: Case, by: Person) -> dict[str, Any]:
    """What may be written, and where letters would go. Two queries."""
    writes = by.may(_WRITE) and found.customer_id is not None
    ways = [(Channel.EMAIL.value, _("by e-mail to {to}")), (Channel.SMS.value, _("by SMS to {to}"))] if writes else []
    shown = {code: services.address_of(found, code) for code, _label in ways}
    return {
        "ways": [(code, label.format(to=_told_to(shown[code], code))) for code, label in ways if shown[code]],
        "no_address": writes and not any(shown.values()),
        "key": f"case-{found.pk}",
    }


def _told_to(address: str, code: str) -> str:
    return phone(address) if code == Channel.SMS else address


def _links(found: Case, by: Person) -> list[dict[str, Any]]:
    rows = [] if found.parent is None else [(found.parent, _("whole"))]
    rows += [(one, _("part")) for one in children_of(found, by=by)]
    rows += [(one, _("linked")) for one in linked_to(found, by=by)]
    return [{**line_of(one), "id": one.pk, "how": how} for one, how in rows]


def _approvals(found: Case, by: Person) -> dict[str, Any]:
    rows = list(found.approvals.select_related("asked", "by", "answered_by"))
    roles = {one.code: str(one) for one in Role.objects.all()}
    known = Approval.Answer
    tones = {known.WAITING: "accent", known.GIVEN: "good", known.REFUSED: "bad", known.GONE: "warn"}
    return {
        "rows": [
            {
                "id": one.pk,
                "who": one.asked.short_name if one.asked else roles.get(one.role, one.role),
                "question": one.question,
                "reason": one.reason,
                "chip": {"text": str(one.get_answer_display()), "tone": tones[Approval.Answer(one.answer)]},
                "mine": one.answer == Approval.Answer.WAITING
                and (one.asked_id == by.id or (one.asked is None and one.role == by.role)),
            }
            for one in rows
        ],
        "people": [
            (str(one.pk), one.short_name) for one in people_for(found.project_id, right=VIEW) if one.pk != by.id
        ],
    }


def _incident(found: Case) -> dict[str, Any]:
    return {
        "on": found.incident,
        "calls": found.children.count(),
        "until": moment_text(found.banner_until, found.project.zone),
    }


def _hands(found: Case) -> dict[str, Any]:
    return {
        "people": [(one.pk, one.short_name) for one in people_for(found.project_id, right=WORK)],
        "teams": [(one.pk, str(one)) for one in Team.objects.order_by("code")],
    }


def lookers(found: Case, by: Person, now: datetime) -> list[dict[str, Any]]:
    return [{"name": one.user.short_name, "edits": one.edits} for one in lookers_at(found, now=now, but=by.id)]


@needs(VIEW)
@require_POST
def look(request: HttpRequest, case_id: UUID) -> HttpResponse:
    """The browser says every few seconds that the case is open; who else has it comes back."""
    by, now = person_of(request), clock.now()
    found = get_case(case_id, by=by)
    services.look_at_case(case_id=found.pk, edits=bool(request.POST.get("text", "").strip()), by=by, now=now)
    return render(request, "cases/_lookers.html", {"case": found, "lookers": lookers(found, by, now)})


@needs(VIEW)
@require_GET
def entries(request: HttpRequest, case_id: UUID) -> HttpResponse:
    """The stream alone, after something happened."""
    by, now = person_of(request), clock.now()
    found = get_case(case_id, by=by)
    own = {one.name: one for one in visible_fields(by, found)}
    context = {
        "case": found,
        "entries": stream(found, by, own),
        "now": now,
        "may": {"split": by.may(REGISTER) and not found.merged_into_id},
    }
    return render(request, "cases/_stream.html", context)
