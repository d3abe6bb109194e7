"""The stream of a case: every entry as the page draws it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _

from perezvon.foundation.access import Actor
from perezvon.foundation.fields.field import Field
from perezvon.foundation.messages.models import Message
from perezvon.foundation.people.models import Team
from perezvon.foundation.people.selectors import names_of_people
from perezvon.modules.cases.models import Act, Approval, Case, CaseEntry, CaseRule, CaseState
from perezvon.modules.cases.selectors import entries_of
from perezvon.modules.cases.terms import promise_label
from perezvon.modules.cases.web.words import HOW, ICONS, field_name
from perezvon.modules.interactions.selectors import icon_of, title_of

INSIDE, PUBLIC, SILENT = "inside", "public", "silent"


def stream(case: Case, by: Actor, own: Mapping[str, Field]) -> list[dict[str, Any]]:
    """Newest first. Six queries at most."""
    entries = entries_of(case)
    known = _Known(entries)
    return [_row(entry, known, own) for entry in entries]


class _Known:
    """Names of what entries point to, read at once."""

    def __init__(self, entries: Sequence[CaseEntry]) -> None:
        handed = [entry.facts for entry in entries if entry.act == Act.HANDED]
        moved = [entry.facts for entry in entries if entry.act == Act.MOVED]
        asked = [entry.facts for entry in entries if entry.act == Act.APPROVAL]
        people = {facts.get("to") for facts in handed} | {facts.get("asked") for facts in asked}
        self.people = names_of_people([key for key in people if key])
        self.states = CaseState.objects.in_bulk({key for facts in moved for key in (facts["from"], facts["to"])})
        teams = {facts.get("team") for facts in handed} - {None}
        self.teams = {one.pk: str(one) for one in Team.objects.filter(pk__in=teams)} if teams else {}
        letters = [entry.message for entry in entries if entry.message]
        rules = {entry.facts["rule"] for entry in entries if entry.facts.get("rule")}
        self.rules = {one.pk: str(one) for one in CaseRule.objects.filter(pk__in=rules)} if rules else {}
        self.messages = {one.pk: one for one in Message.objects.filter(pk__in=letters)} if letters else {}


def _row(entry: CaseEntry, known: _Known, own: Mapping[str, Field]) -> dict[str, Any]:
    title, icon = _title(entry, known, own), ICONS[entry.act]
    message = known.messages.get(entry.message) if entry.message else None
    talks = entry.act in {Act.COMMENT, Act.LETTER, Act.REGISTERED}
    return {
        "id": entry.pk,
        "at": entry.at,
        "icon": icon_of(entry.contact) if entry.contact and entry.act == Act.CONTACT else icon,
        "kind": PUBLIC if entry.is_public else INSIDE if entry.act == Act.COMMENT else SILENT,
        "title": title,
        "by": entry.by.short_name if entry.by else _by_itself(entry, known),
        "text": entry.text,
        "url": reverse("interactions:contact", args=[entry.contact_id]) if entry.contact_id else "",
        "chip": {"text": str(message.get_state_display()), "tone": message.tone} if message else None,
        "can_split": talks and bool(entry.text),
        "about": " · ".join(str(one) for one in (entry.topic, entry.category) if one),
    }


def _by_itself(entry: CaseEntry, known: _Known) -> str:
    rule = known.rules.get(entry.facts.get("rule", 0))
    return _("Rule “{name}”").format(name=rule) if rule else _("System")


def _title(entry: CaseEntry, known: _Known, own: Mapping[str, Field]) -> str:
    facts = entry.facts
    match entry.act:
        case Act.COMMENT:
            return _("Answer to the customer") if entry.is_public else _("Internal note")
        case Act.MOVED:
            places = {key: str(state) for key, state in known.states.items()}
            return f"{places.get(facts['from'], '')} → {places.get(facts['to'], '')}"
        case Act.HANDED:
            return _handed(facts, known)
        case Act.CONTACT:
            return title_of(entry.contact) if entry.contact else _("Contact")
        case Act.LETTER:
            return _("SMS to the customer") if facts.get("channel") == "sms" else _("Letter to the customer")
        case Act.CHANGED:
            names = ", ".join(field_name(name, own) for name in facts.get("fields", []))
            return _("Changed: {fields}").format(fields=names)
        case Act.LINKED:
            return str(HOW.get(facts.get("how", ""), "{number}")).format(number=facts.get("number", ""))
        case Act.APPROVAL:
            return _approval(facts, known)
        case _:
            return _further(entry)


def _further(entry: CaseEntry) -> str:
    facts = entry.facts
    if entry.act == Act.TERM:
        told = _("Term broken: {promise}") if facts.get("what") == "broken" else _("Term runs out: {promise}")
        return told.format(promise=promise_label(facts["promise"]))
    if entry.act == Act.MARK and facts.get("asked"):
        return _("The customer was asked how content he is")
    if entry.act == Act.MARK:
        return _("The customer's mark: {mark} of 5").format(mark=facts.get("mark"))
    return str(Act(entry.act).label)


def _handed(facts: Mapping[str, Any], known: _Known) -> str:
    person = known.people.get(facts["to"], "") if facts.get("to") else ""
    team = known.teams.get(facts["team"], "") if facts.get("team") else ""
    if person:
        return _("Responsible: {name}").format(name=person)
    return _("Given to the team {team}").format(team=team) if team else _("Nobody is responsible")


def _approval(facts: Mapping[str, Any], known: _Known) -> str:
    answer = facts.get("answer")
    if answer == Approval.Answer.GONE:
        name = known.people.get(facts.get("asked") or 0, "")
        return _("{name} can answer no more: ask another for approval").format(name=name)
    if answer:
        return _("Approved") if answer == Approval.Answer.GIVEN else _("Approval refused")
    name = known.people.get(facts["asked"], "") if facts.get("asked") else ""
    return _("Approval asked of {name}").format(name=name) if name else _("Approval asked")
