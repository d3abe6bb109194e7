"""A case in one line, for the desk and for cards."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.db.models import QuerySet
from django.urls import reverse
from django.utils.translation import gettext as _

from perezvon.foundation.access import Actor
from perezvon.modules.cases.models import Case, Stage
from perezvon.modules.cases.selectors.reading import REGISTER, UNDER_WAY, VIEW, cases_of_contact, open_cases_of
from perezvon.modules.interactions.models import Interaction

STAGE_TONES = {Stage.OPEN: "accent", Stage.PAUSED: "warn", Stage.SOLVED: "good", Stage.CLOSED: ""}


def line_of(case: Case) -> dict[str, Any]:
    """number, title, url, chip."""
    return {
        "number": case.code,
        "title": case.subject,
        "url": reverse("cases:case", args=[case.pk]),
        "chip": {"text": str(case.state), "tone": STAGE_TONES[Stage(case.stage)]},
    }


def open_case_lines(customer_id: UUID, by: Actor) -> list[dict[str, Any]]:
    """A customer's cases under way. One query, none for who may not see cases."""
    return [line_of(case) for case in open_cases_of(customer_id, by=by, limit=5)]


def contact_case_lines(contact: Interaction, by: Actor) -> list[dict[str, Any]]:
    """Cases of a contact. One query, none for who may not see cases."""
    return [line_of(case) for case in cases_of_contact(contact.pk, by=by)] if by.may(VIEW) else []


def active_incidents(project_id: int, now: datetime) -> QuerySet[Case]:
    """Mass incidents of a project that operators have to know of now."""
    found = Case.objects.filter(project=project_id, incident=True, stage__in=UNDER_WAY, merged_into=None)
    return found.exclude(banner_until__lte=now).select_related("kind").order_by("-created_at", "-id")


def incident_lines(contact: Interaction, by: Actor, now: datetime) -> list[dict[str, Any]]:
    """Those of a contact's project, as cases/_incidents.html takes them. One query."""
    if not by.may(REGISTER):
        return []
    return [
        {
            "banner": one.banner,
            "url": reverse("cases:case", args=[one.pk]),
            "one_more_url": reverse("cases:one_more", args=[one.pk, contact.pk]),
        }
        for one in active_incidents(contact.project_id, now)[:3]
    ]


def case_actions(contact_id: UUID, by: Actor) -> list[dict[str, Any]]:
    """What may be done about cases in a contact, as ui/action.html takes it."""
    if not by.may(REGISTER):
        return []
    url = f"{reverse('cases:new')}?{urlencode({'contact': contact_id})}"
    return [{"label": _("Register a case"), "icon": "clipboard-text", "url": url, "method": "get", "tab": True}]
