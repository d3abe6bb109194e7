"""Where a call may be sent: the colleagues and groups of the transfer dialog, and who was not reached."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy

from perezvon.cores.routing import Agent, AgentStatus
from perezvon.foundation.access import Person
from perezvon.foundation.messages.selectors import SEND
from perezvon.foundation.people.models import User
from perezvon.foundation.ui.templatetags.ui import phone as shown_phone
from perezvon.modules.interactions.models import Interaction, Segment
from perezvon.modules.routing.selectors import STATE_WORDS, list_agents, list_queues
from perezvon.modules.telephony.selectors import find_call, list_standings

VIEWS = {
    "": lazy("Everybody"),
    "ready": lazy("Who is ready"),
    "people": lazy("Colleagues"),
    "groups": lazy("Groups"),
}
SORTS: dict[str, Callable[[dict[str, Any]], Any]] = {
    "": lambda row: (row["busy"], row["name"]),
    "name": lambda row: row["name"],
    "phone": lambda row: (not row["phones"], [phone["number"] for phone in row["phones"]]),
    "email": lambda row: (not row["email"], row["email"]),
}
WHY = {
    "busy": lazy("{name} is in another conversation."),
    "unreachable": lazy("{name} is not at the phone."),
}


@dataclass(frozen=True, slots=True)
class TransferAsked:
    """What was asked of the dialog. how: transfer, consult or redirect; failed: the target that was not reached."""

    how: str
    query: str = ""
    view: str = ""
    sort: str = ""
    failed: str = ""
    code: str = ""


def transfer_dialog(call_id: UUID, asked: TransferAsked, *, by: Person, now: datetime) -> dict[str, Any]:
    """As desk/_transfer_dialog.html takes it."""
    call = find_call(call_id)
    contact = Interaction.objects.select_related("customer").filter(pk=call.contact_id).first() if call else None
    found = [row for row in _colleagues(by) if _matches(row, asked)]
    people = [] if asked.view == "groups" else sorted(found, key=SORTS.get(asked.sort, SORTS[""]))
    return {
        "call": {
            "id": call_id,
            "version": call.version if call else "",
            "customer_name": contact.customer.full_name if contact and contact.customer else "",
        },
        "consult": asked.how == "consult",
        "redirect": asked.how == "redirect",
        "query": asked.query,
        "views": [{"code": code, "label": str(words), "current": code == asked.view} for code, words in VIEWS.items()],
        "sort": asked.sort if asked.sort in SORTS else "",
        "people": people,
        "groups": [] if asked.view == "people" else [row for row in _groups(by, now) if _matches(row, asked)],
        "total": len(people),
        "failed": _failed(asked, contact, by) if asked.failed else None,
        "now": now,
    }


def _matches(row: dict[str, Any], asked: TransferAsked) -> bool:
    if asked.view == "ready" and row.get("busy", not row.get("ready")):
        return False
    sought = asked.query.lower()
    return any(sought in str(row.get(field, "")).lower() for field in ("name", "account", "email", "numbers"))


def _colleagues(by: Person) -> list[dict[str, Any]]:
    standings = list_standings()
    others = (agent.user for agent in list_agents(by=by) if agent.user_id != by.id)
    return [_colleague(user, standings.get(user.pk)) for user in others]


def _colleague(user: User, standing: Agent | None) -> dict[str, Any]:
    status = standing.status if standing else AgentStatus.OUT
    phones = (
        ("mobile", _("mobile"), user.mobile),
        ("internal", _("internal"), user.extension),
        ("home", _("home"), user.home_phone),
    )
    known = [{"kind": kind, "label": label, "number": number} for kind, label, number in phones if number]
    return {
        "id": user.pk,
        "name": user.full_name,
        "account": user.login,
        "state": status.value,
        "state_label": str(STATE_WORDS[status]),
        "since": None,
        "busy": status is not AgentStatus.READY,
        "phones": known,
        "numbers": " ".join(phone["number"] for phone in known),
        "email": user.email,
        "mail_url": f"mailto:{user.email}",
        "last": False,
    }


def _groups(by: Person, now: datetime) -> list[dict[str, Any]]:
    standings = list_standings().values()
    waiting: dict[int, list[datetime]] = {}
    open_queues = Segment.objects.filter(kind="queue", ended_at=None, queue__isnull=False)
    for queue_id, began in open_queues.values_list("queue", "began_at"):
        waiting.setdefault(queue_id or 0, []).append(began)
    return [
        {
            "id": queue.pk,
            "name": str(queue),
            "ready": sum(1 for agent in standings if agent.status is AgentStatus.READY and queue.pk in agent.queues),
            "waiting": len(waiting.get(queue.pk, [])),
            "longest_s": int((now - min(waiting[queue.pk])).total_seconds()) if waiting.get(queue.pk) else 0,
        }
        for queue in list_queues(by=by)
    ]


# --- who was not reached --------------------------------------------------------------------------------


def _failed(asked: TransferAsked, contact: Interaction | None, by: Person) -> dict[str, Any]:
    """What to say when a transfer came to nothing, and a letter to the colleague where he has an address."""
    kind, _colon, key = asked.failed.partition(":")
    user = User.objects.filter(pk=int(key)).first() if kind == "agent" and key.isdecimal() else None
    name = user.full_name if user else f"+{asked.failed}" if asked.failed.isdecimal() else _("The other side")
    reason = str(WHY.get(asked.code, _("{name} was not reached."))).format(name=name)
    offer = _("Offer the customer to leave a message, or choose somebody else.")
    found: dict[str, Any] = {"text": f"{reason} {offer}", "email": ""}
    if user and user.email and by.may(SEND):
        found |= {"email": user.email, "user": user.pk, "subject": subject_for(contact), "letter": _letter(contact)}
    return found


def subject_for(contact: Interaction | None) -> str:
    return _("Call for you: {who}").format(who=_who(contact))


def _letter(contact: Interaction | None) -> str:
    """The beginning of a letter: who asked for the colleague and how to call back."""
    if contact is None:
        return ""
    number = shown_phone(f"+{contact.address}") if contact.address.isdecimal() else _("number withheld")
    return _("{who}, {number}, contact no. {contact}. Message:").format(
        who=_who(contact), number=number, contact=contact.number
    )


def _who(contact: Interaction | None) -> str:
    return contact.customer.full_name if contact and contact.customer else _("A customer without a card")
