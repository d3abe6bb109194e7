"""Reading contacts. Everything a person sees of them comes from here, cut to what he may see."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import Count, Max, Prefetch, Q, QuerySet

from perezvon.foundation.access import Actor, Person, Scope
from perezvon.foundation.people.models import User
from perezvon.foundation.search.selectors import Found, Guess
from perezvon.kernel.errors import NotFound
from perezvon.kernel.phone import parse_phone
from perezvon.modules.customers.models import Customer
from perezvon.modules.customers.registry import Standing
from perezvon.modules.customers.selectors import Asked as CustomersAsked
from perezvon.modules.customers.selectors import list_account, owners_of_number, search_keys
from perezvon.modules.interactions.dimensions import Dimension as Dimension
from perezvon.modules.interactions.dimensions import dimensions_of as dimensions_of
from perezvon.modules.interactions.models import (
    Identification,
    Interaction,
    InteractionTopic,
    Note,
    Offer,
    Result,
    Segment,
    State,
)
from perezvon.modules.interactions.offers import picker as picker
from perezvon.modules.interactions.offers import rows_of
from perezvon.modules.interactions.registry import further_entries
from perezvon.modules.interactions.timeline import entries_of
from perezvon.modules.interactions.words import CAUSE_WORDS as CAUSE_WORDS
from perezvon.modules.interactions.words import icon_of as icon_of
from perezvon.modules.interactions.words import outcome_of as outcome_of
from perezvon.modules.interactions.words import title_of as title_of
from perezvon.modules.topics.models import Topic

LONGEST_NUMBER = 12


_CUSTOMERS_SEARCHED = 100


class NoSuchInteraction(NotFound):
    code = "interactions.no_such_interaction"


def visible(by: Actor) -> QuerySet[Interaction]:
    """Contacts of the projects the actor sees: by everybody (F02.08), unless his role narrows it."""
    by.must("interactions.view")
    return narrowed(Interaction.objects.select_related("customer", "project", "agent", "result"), by)


def narrowed(contacts: QuerySet[Interaction], by: Actor) -> QuerySet[Interaction]:
    """Those of the actor's projects; where he has the right for his own or his team's, those that they had to do with:
    who was offered a call has to see it before he answers."""
    if by.projects is not None:
        contacts = contacts.filter(project__in=by.projects)
    if not isinstance(by, Person) or (scope := by.scope_of("interactions.view")) == Scope.PROJECT:
        return contacts
    of_team = scope == Scope.TEAM and by.team_id is not None
    people = list(User.objects.filter(team=by.team_id).values_list("pk", flat=True)) if of_team else [by.id]
    handled = Interaction.objects.filter(agent__in=people).values("pk")
    return contacts.filter(pk__in=handled.union(Segment.objects.filter(agent__in=people).values("interaction")))


def get_interaction(interaction_id: UUID, *, by: Actor) -> Interaction:
    """One contact with its notes and topics: three queries. Raises NoSuchInteraction."""
    contact = find_interaction(interaction_id, by=by)
    if contact is None:
        raise NoSuchInteraction(interaction=interaction_id)
    return contact


def find_interaction(interaction_id: UUID, *, by: Actor) -> Interaction | None:
    """As get_interaction; None where that raises."""
    return (
        visible(by)
        .prefetch_related(
            Prefetch("notes", Note.objects.select_related("author")),
            Prefetch("topics", InteractionTopic.objects.select_related("topic")),
        )
        .filter(pk=interaction_id)
        .first()
    )


def find_by_number(text: str, *, by: Actor) -> list[Interaction]:
    """The contact whose number somebody typed, with or without the sign of a number; one query, or none."""
    digits = text.strip().lstrip("\u2116#").strip()
    if not digits.isascii() or not digits.isdigit() or len(digits) > LONGEST_NUMBER:
        return []
    return list(visible(by).filter(number=int(digits)))


def search_contacts(text: str, *, by: Actor, limit: int) -> Found:
    """Contacts by their number, by the whole number somebody called from or to, or by their customer; newest first."""
    wanted = Q(pk__in=[one.pk for one in find_by_number(text, by=by)])
    if phone := parse_phone(text):
        wanted |= Q(address__in=[phone.digits, f"+{phone.digits}"])
    customers = search_keys(CustomersAsked(text=text), by=by, limit=_CUSTOMERS_SEARCHED)
    if customers is not None:
        wanted |= Q(customer__in=customers.keys)
    found = visible(by).filter(wanted).order_by("-began_at", "-id").values_list("pk", flat=True)[: limit + 1]
    keys = tuple(found)
    return Found(
        keys[:limit],
        min(len(keys), limit),
        len(keys) <= limit,
        customers.guess if customers else Guess.NONE,
        customers.read_as if customers else "",
    )


def list_history(customer_ids: Collection[UUID], *, by: Actor, limit: int = 50) -> list[Interaction]:
    """The latest contacts with these customers, on all channels, newest first. Four queries."""
    contacts = visible(by).filter(customer__in=customer_ids).order_by("-began_at", "-id")
    return list(
        contacts.prefetch_related(
            Prefetch("notes", Note.objects.select_related("author")),
            Prefetch("topics", InteractionTopic.objects.select_related("topic")),
            "segments",
        )[:limit]
    )


def contacts_of_person(keys: Collection[UUID], addresses: Collection[str]) -> QuerySet[Interaction]:
    """All contacts of these cards, and those from a number that is theirs alone which nobody was linked to.

    For handing out and erasing one person's data; whoever asks has checked the right to do that.
    """
    alone = [address for address in addresses if not set(owners_of_number(address)) - set(keys)]
    return Interaction.objects.filter(Q(customer__in=keys) | Q(customer=None, address__in=alone))


def list_timeline(customer_id: UUID, *, by: Actor) -> list[dict[str, Any]]:
    """The same as entries of ui/timeline_entry.html, those under way first, with what else happened. One query more,
    and one for each module that adds something."""
    return _with_further(entries_of(list_history([customer_id], by=by), by=by), customer_id, by)


def list_account_timeline(customer: Customer, *, by: Actor) -> list[dict[str, Any]]:
    """The same of a customer; of a company with what its business contacts had, and who it was (F01.46)."""
    account = list_account(customer, by=by)
    contacts = entries_of(list_history(account, by=by), by=by, of=customer.pk)
    return _with_further(contacts, customer.pk, by)


def _with_further(contacts: list[dict[str, Any]], customer_id: UUID, by: Actor) -> list[dict[str, Any]]:
    further = further_entries(customer_id, by)
    under_way = [entry for entry in contacts if entry["at"] is None]
    over = [entry for entry in (*contacts, *further) if entry["at"] is not None]
    return under_way + sorted(over, key=lambda entry: entry["at"], reverse=True)


def list_recent_of(user_id: int, *, by: Actor, since: datetime, limit: int = 10) -> list[Interaction]:
    """What this operator handled lately, newest first."""
    return list(visible(by).filter(agent=user_id, began_at__gte=since).order_by("-began_at", "-id")[:limit])


def list_unfilled(user_id: int, *, by: Actor, limit: int = 20) -> list[Interaction]:
    """His contacts that are over and have no result (or only the clock's), oldest first."""
    mine = visible(by).filter(agent=user_id, ended_at__isnull=False, answered_at__isnull=False)
    return list((mine.filter(result=None) | mine.filter(result__system=True)).order_by("began_at", "id")[:limit])


def list_callbacks(user_id: int, *, by: Actor, limit: int = 20) -> list[Interaction]:
    """Contacts whose result promises a call by this operator, earliest first, as far as nothing came after."""
    promised = visible(by).filter(
        agent=user_id, state=State.DONE, result_fields__has_key="callback_at", result_fields__called_back__isnull=True
    )
    return sorted(promised.order_by("-began_at")[: limit * 5], key=lambda one: one.result_fields["callback_at"])[:limit]


def list_results(project_id: int) -> list[Result]:
    """The results that people may choose, in order."""
    return list(Result.objects.filter(project=project_id, is_active=True, system=False))


def standings(customers: Collection[UUID]) -> dict[UUID, Standing]:
    """Of several customers: does a contact wait to be written up; when did the last finished one begin. One query."""
    rows = (
        Interaction.objects.filter(customer__in=list(customers), ended_at__isnull=False)
        .order_by()
        .values("customer_id")
        .annotate(last=Max("began_at"), open=Count("id", filter=~Q(state=State.DONE)))
    )
    return {row["customer_id"]: Standing(row["open"] > 0, row["last"]) for row in rows}


def list_identifications(interaction_id: UUID) -> QuerySet[Identification]:
    return Identification.objects.filter(interaction=interaction_id)


def list_offered(customer_id: UUID, *, by: Actor, limit: int = 50) -> list[dict[str, Any]]:
    """What was offered to a customer in contacts that the actor sees, newest first. One query."""
    offers = Offer.objects.filter(interaction__customer=customer_id, interaction__in=visible(by).values("pk"))
    return rows_of(offers.select_related("product__kind", "by").order_by("-at", "-id")[:limit])


def offered_in(interaction_id: UUID) -> list[dict[str, Any]]:
    """What was offered in a contact that the caller may see, newest first. One query."""
    offers = Offer.objects.filter(interaction=interaction_id)
    return rows_of(offers.select_related("product__kind", "by").order_by("-at", "-id"))


def list_segments(interaction_id: UUID) -> QuerySet[Segment]:
    """What the contact consisted of, in order."""
    return Segment.objects.filter(interaction=interaction_id).select_related("agent")


def topic_paths(topics: Iterable[Topic]) -> dict[int, str]:
    """ "Fees > Card service" for each topic, by id. One query."""
    wanted = list(topics)
    if not wanted:
        return {}
    known = {topic.pk: topic for topic in Topic.objects.filter(project__in={topic.project_id for topic in wanted})}
    return {topic.pk: " › ".join(_names(topic, known)) for topic in wanted}


def _names(topic: Topic, known: dict[int, Topic]) -> list[str]:
    names: list[str] = []
    here: Topic | None = topic
    while here is not None:
        names.insert(0, str(here))
        here = known.get(here.parent_id) if here.parent_id else None
    return names
