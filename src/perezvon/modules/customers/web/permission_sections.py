"""What a customer allows, on his card: consents at a glance, the register, who acts for him."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any

from django.urls import reverse
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy

from perezvon.foundation.access import Actor
from perezvon.modules.customers.models import Channel, Consent, ContactBan, Customer, Kind, Purpose, Representative
from perezvon.modules.customers.permission import Word
from perezvon.modules.customers.registry import Section
from perezvon.modules.customers.selectors import (
    is_in_force,
    list_bans_of,
    list_consents,
    list_representatives,
    list_represented,
    purposes_of,
    state_of,
    words_of,
)
from perezvon.modules.customers.selectors.review import today

VIEW = "customers.view"
SHOWN_CHANNELS = (Channel.CALL, Channel.SMS, Channel.EMAIL, Channel.POST)
_SIGNS = {"given": ("check", "good"), "withdrawn": ("x", "bad"), "ended": ("clock", "warn"), "": ("minus", "")}
_STATES = {
    "given": lazy("agrees"),
    "withdrawn": lazy("does not agree"),
    "ended": lazy("the consent is over"),
    "": lazy("nothing said"),
}


def permission_sections() -> list[Section]:
    return [
        Section("bans", "customers/_bans.html", bans, VIEW, 6, "side", lazy("Do not contact")),
        Section("consents", "customers/_consents.html", consents, VIEW, 72, label=lazy("Consents")),
        Section(
            "representatives",
            "customers/_representatives.html",
            representatives,
            VIEW,
            45,
            "main",
            lazy("Representatives"),
        ),
    ]


def bans(customer: Customer, by: Actor, now: datetime) -> Mapping[str, Any] | None:
    if customer.kind == Kind.QUASI:
        return None
    rows = [_ban(one) for one in list_bans_of(customer, now)]
    may = by.may("customers.ban")
    return {"rows": rows, "may_change": may} if rows or may else None


def _ban(one: ContactBan) -> dict[str, Any]:
    return {
        "id": one.pk,
        "what": one.shown,
        "reason": one.reason,
        "source": str(one.get_source_display()),
        "by": one.by.short_name if one.by else "",
        "at": one.at,
    }


def consents(customer: Customer, by: Actor, now: datetime) -> Mapping[str, Any] | None:
    """A row a purpose, a column a channel. Two queries."""
    if customer.kind == Kind.QUASI:
        return None
    said, purposes = list_consents(customer), purposes_of(customer)
    may = by.may("customers.consent") and bool(purposes)
    if not (said or may):
        return None
    words = words_of(said)
    return {
        "channels": [str(channel.label) for channel in SHOWN_CHANNELS],
        "rows": [_matrix_row(customer, one, words, today(now), may) for one in purposes],
        "history": [_said(one) for one in said],
        "may_change": may,
    }


def _matrix_row(customer: Customer, purpose: Purpose, words: Sequence[Word], day: date, may: bool) -> dict[str, Any]:
    url = reverse("customers:consent", args=[customer.pk])
    return {
        "name": str(purpose),
        "url": f"{url}?purpose={purpose.code}" if may else "",
        "cells": [_cell(state_of(words, purpose.code, channel, day)) for channel in SHOWN_CHANNELS],
    }


def _cell(state: str) -> dict[str, str]:
    icon, tone = _SIGNS[state]
    return {"icon": icon, "tone": tone, "words": str(_STATES[state])}


def _said(one: Consent) -> dict[str, Any]:
    until = _("until {day}").format(day=date_format(one.until, "SHORT_DATE_FORMAT")) if one.until else ""
    about = (str(one.get_channel_display()), until, str(one.get_source_display()), one.proof)
    return {
        "purpose": str(one.purpose),
        "is_given": one.is_given,
        "word": str(_STATES["given" if one.is_given else "withdrawn"]),
        "on": one.on,
        "about": ", ".join(text for text in about if text),
        "by": one.by.short_name if one.by else "",
    }


def representatives(customer: Customer, by: Actor, now: datetime) -> Mapping[str, Any] | None:
    if customer.kind == Kind.QUASI:
        return None
    rows = [_acting(one, today(now)) for one in list_representatives(customer, by=by)]
    represented = list_represented(customer, by=by, now=now)
    may = by.may("customers.edit_contacts")
    if not (rows or represented or may):
        return None
    return {
        "rows": rows,
        "represented": [{"card": one.customer, "authority": str(one.get_authority_display())} for one in represented],
        "may_change": may,
    }


def _acting(one: Representative, day: date) -> dict[str, Any]:
    since = _("from {day}").format(day=date_format(one.since, "SHORT_DATE_FORMAT")) if one.since else ""
    until = _("until {day}").format(day=date_format(one.until, "SHORT_DATE_FORMAT")) if one.until else ""
    state = "" if is_in_force(one, day) else _("revoked") if one.revoked_at else _("not in force")
    return {
        "id": one.pk,
        "name": one.shown_name,
        "url": reverse("customers:card", args=[one.person_id]) if one.person_id else "",
        "phone": one.phone,
        "authority": str(one.get_authority_display()),
        "about": ", ".join(text for text in (one.document, one.scope, since, until, one.revoke_reason) if text),
        "state": state,
        "may_revoke": one.revoked_at is None,
    }
