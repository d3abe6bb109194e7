"""One look at an operator's desk: what its parts share is read once, each part is made from it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import fields
from datetime import datetime
from functools import cached_property
from typing import Any
from uuid import UUID

from django.urls import reverse

from perezvon.foundation.access import Person
from perezvon.foundation.web.panels import Area, Shown, panels_beside, panels_for
from perezvon.foundation.web.places import nav_for
from perezvon.modules.cases.selectors import case_actions, incident_lines, open_case_lines
from perezvon.modules.desk.screens import call_card, card, work
from perezvon.modules.desk.screens.callbar import Bar, bar_of, calls_of
from perezvon.modules.desk.screens.identify import gate_view, products_view
from perezvon.modules.interactions.models import Interaction
from perezvon.modules.interactions.selectors import find_interaction, list_timeline
from perezvon.modules.scripting.selectors import helper_panel, result_of, script_actions, work_in_hand
from perezvon.modules.telephony.selectors import get_standing

OLDER = "older"  # begins the key of a screen that somebody has opened himself, about no call in hand


class Look:
    """The desk of `by` as it stands at `now`."""

    def __init__(self, by: Person, now: datetime) -> None:
        self.by, self.now = by, now
        self._standing = get_standing(by.id)

    @cached_property
    def contact(self) -> Interaction | None:
        """The contact of the call in hand; None for a moment, until the engine has written it."""
        call = next(iter(calls_of(self._standing, self.by.id)), None)
        return find_interaction(call.contact_id, by=self.by) if call else None

    @cached_property
    def bar(self) -> Bar:
        return bar_of(self._standing, self.contact, self.by, self.now)

    @cached_property
    def gate(self) -> dict[str, str]:
        return gate_view(self.contact, by=self.by) if self.contact else {}

    # --- the workspace ----------------------------------------------------------------------------

    @cached_property
    def screen_key(self) -> str:
        """Names what the workspace shows: as long as it is the same, nothing in it is touched."""
        contact, call = self.contact, self.bar.call
        if contact is None or call is None:
            return "home"
        if call.state == "wrapup":
            return f"wrapup:{contact.pk}"
        key = f"{contact.pk}:{contact.customer_id}:{contact.clarified}"
        if self._is_unknown:
            return f"{call.state}:{key}"
        return f"card:{key}:{self.gate['state']}"

    def displaces(self, shown: str) -> bool:
        """Whether the workspace belongs to something else than what a browser shows there. What somebody has opened
        himself gives way to a call, not to "my day"."""
        return shown != self.screen_key and not (self.screen_key == "home" and shown.startswith(f"{OLDER}:"))

    @property
    def _is_unknown(self) -> bool:
        """Who it may be is shown, not yet whose card it is."""
        call, contact = self.bar.call, self.contact
        return bool(call and (call.card_later or call.state == "ringing" or not contact or not contact.customer_id))

    def screen(self) -> dict[str, Any]:
        """The workspace: my day, who is calling, the card, or the write-up; and its key."""
        contact, call = self.contact, self.bar.call
        if contact is None or call is None:
            shown: dict[str, Any] = {"home": _values(work.home(self.by, self.now))}
        elif call.state == "wrapup":
            return write_up_screen(contact, self, result_of(contact), [])
        elif self._is_unknown:
            found = card.found_for(call, contact, self.by, self.now)
            shown = {"ringing": {"call": call, "found": found, "why": []}}
        else:
            shown = {"card": card_screen(contact, contact.customer_id, self)}
        return shown | {"screen_key": self.screen_key, "now": self.now}

    # --- what stands around it --------------------------------------------------------------------

    @property
    def helper_key(self) -> str:
        return f"{self.contact.pk}:{self.contact.version}" if self.contact else "none"

    def helper(self) -> dict[str, Any]:
        shown = work.contact_view(self.contact, self.gate, self.by, self.now) if self.contact else None
        panels = self._panels() if shown else panels_for(self.by, Area.IDLE)
        return {"contact": shown, "panels": panels, "helper_key": self.helper_key, "now": self.now}

    def _panels(self) -> Sequence[Shown]:
        """Beside a contact, once somebody has answered it."""
        contact, call = self.contact, self.bar.call
        if contact is None or call is None or call.state in {"ringing", "dialling"}:
            return []
        return panels_beside(contact.pk, self.by)

    def callbar(self) -> dict[str, Any]:
        agent = self._standing.agent
        day = work.my_day(self.by, agent.queues if agent else (), self.now) if self.bar.call is None else None
        return {"agent": self.bar.agent, "call": self.bar.call, "day": day, "saving": True, "now": self.now}

    def script(self) -> dict[str, Any]:
        return helper_panel(self.contact, by=self.by, now=self.now) | {"now": self.now}

    def rail(self) -> dict[str, Any]:
        nav = nav_for(self.by, "desk:desk")
        script = work_in_hand(self.contact) if self.contact else ""
        return {
            "nav": nav,
            "work": work.rail_work(self.bar, script),
            "waiting": work.rail_waiting(self.by),
            "now": self.now,
        }

    def notestrip(self) -> dict[str, Any]:
        """Nothing can be written while it rings: nothing is known of it yet."""
        call = self.bar.call
        begun = call is not None and call.state != "ringing"
        return _values(work.note_strip(self.contact if begun else None, self.by)) | {"now": self.now}


def card_screen(contact: Interaction, customer_id: UUID | None, look: Look) -> dict[str, Any]:
    """The linked customer's card, in a contact."""
    if customer_id is None:
        raise ValueError("the contact has no customer")
    by, now = look.by, look.now
    customer = card.customer_with_details(customer_id, by)
    linked = {
        "number": contact.clarified or contact.address,
        "unlink_url": reverse("desk:unlink", args=[contact.pk]),
    }
    return {
        "customer": card.client_strip(customer, contact, look.gate, now),
        "linked": linked,
        "actions": case_actions(contact.pk, by),
        "zones": call_card.zones(
            call_card.Seen(customer, contact, by),
            call_card.Closed(products_view(contact, by=by), look.gate.get("url", "")),
        ),
        "scripts": script_actions(contact, by=by),
        "incidents": incident_lines(contact, by, now),
        "cases": open_case_lines(customer.pk, by),
        "timeline": {"entries": list_timeline(customer.pk, by=by), "filters": [], "more_url": ""},
    }


def write_up_screen(contact: Interaction, look: Look, given: dict[str, str], missing: list[str]) -> dict[str, Any]:
    """The write-up of a contact, that in hand or an older one. given, missing: of an attempt that was refused."""
    shown = work.contact_view(contact, {"state": "unneeded", "text": "", "url": ""}, look.by, look.now)
    older = look.contact is None or look.contact.pk != contact.pk
    form = work.write_up(contact, shown, look.bar, given, missing, look.by, look.now)
    key = f"{OLDER if older else 'wrapup'}:{contact.pk}"
    return {"wrapup": _values(form) | {"older": older}, "screen_key": key, "now": look.now}


def _values(form: work.WriteUp | work.Home | work.NoteStrip) -> dict[str, Any]:
    return {field.name: getattr(form, field.name) for field in fields(form)}
