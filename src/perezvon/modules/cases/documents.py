"""Cases as documents know them. A letter with a document stands among the entries like any other letter."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy

from perezvon.foundation.access import Actor
from perezvon.foundation.messages.models import Channel
from perezvon.modules.cases.models import Act, Case, CaseEntry
from perezvon.modules.cases.selectors import KIND, VIEW, find_cases, get_case, visible
from perezvon.modules.cases.services.writing import add_entry, lock, save
from perezvon.modules.customers.registry import commercial_is_open
from perezvon.modules.customers.selectors import (
    customer_group,
    customer_values,
    letter_language,
    main_mailbox,
    opens_commercial,
)
from perezvon.modules.documents.registry import (
    FieldOf,
    Group,
    Sending,
    Source,
    Subject,
    own_fields,
    own_values,
    register_source,
)

_MOST_ENTRIES = 300
_NOON = datetime(2026, 11, 16, 9, 0, tzinfo=UTC)


def register() -> None:
    register_source(Source(KIND, lazy("Cases"), VIEW, _groups, _find, _load, _search, _keys, _sent, opens_commercial))


def _groups() -> list[Group]:
    entry = (
        FieldOf("at", lazy("Time"), _NOON),
        FieldOf("text", lazy("Text"), lazy("The fee will be returned.")),
        FieldOf("author", lazy("Author"), lazy("Anna Ivanova")),
    )
    case = Group(
        KIND,
        lazy("Case"),
        (
            FieldOf("number", lazy("Number"), "00192"),
            FieldOf("registered_on", lazy("Registered"), _NOON),
            FieldOf("kind", lazy("Kind"), lazy("Complaint")),
            FieldOf("subject", lazy("Subject"), lazy("Fee for the card")),
            FieldOf("text", lazy("What was said"), lazy("A fee was charged for a card that was closed.")),
            FieldOf("category", lazy("Category"), lazy("Fees")),
            FieldOf("topic", lazy("Topic"), lazy("Cards")),
            FieldOf("product", lazy("Product"), lazy("Debit card")),
            FieldOf("state", lazy("State"), lazy("Solved")),
            FieldOf("told", lazy("The customer is told"), lazy("Your complaint is settled.")),
            FieldOf("person", lazy("Responsible"), lazy("Anna Ivanova")),
            FieldOf("due", lazy("Due"), _NOON),
            FieldOf("finished_on", lazy("Finished"), _NOON),
            FieldOf("answers", lazy("What the customer was told"), rows=entry),
            *own_fields(KIND),
        ),
    )
    return [case, customer_group()]


def _find(key: UUID, by: Actor) -> Subject:
    """Raises NoSuchCase."""
    return _subject(get_case(key, by=by))


def _subject(case: Case) -> Subject:
    who = case.customer
    return Subject(
        kind=KIND,
        key=case.pk,
        title=case.title,
        url=reverse("cases:case", args=[case.pk]),
        client=who.full_name if who else "",
        project_id=case.project_id,
        customer=case.customer_id,
        contact=case.contact_id,
        language=letter_language(who),
        email=main_mailbox(who) if who else "",
    )


def _load(key: UUID, by: Actor, now: datetime) -> dict[str, dict[str, Any]]:
    case = get_case(key, by=by)
    return {KIND: _values(case, by), "customer": customer_values(case.customer_id, by, now)}


def _values(case: Case, by: Actor) -> dict[str, Any]:
    return {
        "number": case.code,
        "registered_on": case.created_at,
        "kind": str(case.kind),
        "subject": case.subject,
        "text": case.text,
        "category": str(case.category or ""),
        "topic": str(case.topic or ""),
        "product": str(case.product or ""),
        "state": str(case.state),
        "told": case.state.told_text if _may_be_told(case, by) else "",
        "person": case.person.full_name if case.person else "",
        "due": case.due,
        "finished_on": case.over_at,
        "answers": _answers(case) if _may_be_told(case, by) else [],
        **own_values(case, by),
    }


def _may_be_told(case: Case, by: Actor) -> bool:
    """Of some kinds nothing is told before the customer is identified."""
    gated = case.kind.tells_after_identification and case.customer is not None
    return not gated or case.customer is None or commercial_is_open(case.customer, by)


def _answers(case: Case) -> list[dict[str, Any]]:
    """What may be told to the customer; what colleagues say to one another stays here."""
    found = CaseEntry.objects.filter(case=case, is_public=True).exclude(text="").select_related("by")
    return [
        {"at": one.at, "text": one.text, "author": one.by.full_name if one.by else ""}
        for one in found.order_by("at", "id")[:_MOST_ENTRIES]
    ]


def _search(text: str, by: Actor, limit: int) -> list[Subject]:
    newest = visible(by).order_by("-created_at", "-id")[:limit]
    return [_subject(one) for one in (find_cases(text, by=by, limit=limit) if text.strip() else newest)]


def _keys(by: Actor) -> QuerySet[Any]:
    return visible(by).select_related(None).order_by().values("pk")


def _sent(sending: Sending) -> None:
    """It is an answer to the customer: it stands among the entries with what became of it."""
    case = lock(sending.document.record, sending.by)
    text = "\n".join(filter(None, (sending.text, _("Document: {title}").format(title=sending.document))))
    add_entry(
        case, Act.LETTER, sending.by, sending.now, text=text, is_public=True, message=sending.message,
        facts={"channel": Channel.EMAIL.value},
    )  # fmt: skip
    case.answered_at = case.answered_at or sending.now
    save(case, sending.now)
