"""What this module holds of a person, to be handed out and to be erased."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import Model, Q, QuerySet
from django.utils.translation import gettext_lazy as lazy

from perezvon.foundation.access import Actor
from perezvon.foundation.history.erasing import ERASED, erase_values, rows_ever
from perezvon.foundation.personal.registry import Holder, Rows, Subject
from perezvon.foundation.search import services as index
from perezvon.modules.customers.keys import address_hash
from perezvon.modules.customers.models import (
    Address,
    Comment,
    Consent,
    ContactBan,
    ContactPoint,
    Contract,
    Customer,
    Document,
    Duplicate,
    Kind,
    Loss,
    Merge,
    ProductHeld,
    Relation,
    Representative,
    TariffChange,
    Warning,
)
from perezvon.modules.customers.selectors.search import KIND
from perezvon.modules.customers.web.words import field_name

# Tables whose rows go, and the columns by which they are his.
_GO: tuple[tuple[type[Model], tuple[str, ...]], ...] = (
    (ContactPoint, ("customer_id",)),
    (Document, ("customer_id",)),
    (Address, ("customer_id",)),
    (ProductHeld, ("customer_id",)),
    (Comment, ("customer_id",)),
    (Warning, ("customer_id",)),
    (Relation, ("customer_id", "other_id")),
    (Representative, ("customer_id", "person_id")),
    (Duplicate, ("one_id", "other_id")),
)
_NOT_HIS = {"key_hash", "code_word", "sort_key", "version", "id", "by_id", "created_by_id", "customer_id"}
_NEVER = {"id", "number", "kind", "project", "created_at", "created_by", "version", "merged_into", "deleted_at"}


def holder() -> Holder:
    return Holder(
        "customers",
        lazy("Card: personal data, contacts, documents, comments, consents"),
        order=10,
        export=_export,
        count=_count,
        erase=_erase,
        stays=lazy(
            "The number of the card, to which statistics refer. Consents without their proof: they show that he was"
            " contacted lawfully. Lines of the do-not-contact register as unreadable keys, so that he is not contacted"
            " again. Contracts without remarks: the books need them."
        ),
        word=field_name,
    )


def find_subject(key: UUID, by: Actor) -> Subject | None:
    """The person of a card that stands for itself, with the cards that were merged into it. None once erased."""
    seen = Customer.objects.of_projects(by).exclude(kind=Kind.QUASI)
    customer = seen.filter(pk=key, merged_into=None, erased_at=None).first()
    if customer is None:
        return None
    keys = [customer.pk]
    for known in keys:  # grows while it is read
        keys += Customer.objects.filter(merged_into=known).order_by("pk").values_list("pk", flat=True)
    points = ContactPoint.objects.filter(customer__in=keys)
    addresses = {point.digits or point.raw.lower() for point in points} - {""}
    return Subject(tuple(keys), customer.number, customer.full_name, frozenset(addresses))


def _of(model: type[Model], columns: tuple[str, ...], subject: Subject) -> QuerySet[Any]:
    wanted = Q()
    for column in columns:
        wanted |= Q(**{f"{column}__in": subject.keys})
    return model._default_manager.filter(wanted)


def _held(subject: Subject) -> Iterator[tuple[str, QuerySet[Any]]]:
    yield "customer", Customer.objects.filter(pk__in=subject.keys)
    for model, columns in _GO:
        yield model._meta.model_name or "", _of(model, columns, subject)
    yield "consent", Consent.objects.filter(customer__in=subject.keys)
    yield "contactban", _bans(subject)
    yield "contract", Contract.objects.filter(customer__in=subject.keys)
    yield "loss", Loss.objects.filter(contract__customer__in=subject.keys)
    yield "tariffchange", TariffChange.objects.filter(contract__customer__in=subject.keys)


def _bans(subject: Subject) -> QuerySet[ContactBan]:
    return ContactBan.objects.filter(Q(customer__in=subject.keys) | Q(address__in=subject.addresses))


def _export(subject: Subject) -> Mapping[str, Rows]:
    return {name: [_row(row) for row in rows.order_by("pk").values()] for name, rows in _held(subject)}


def _row(values: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in values.items() if name not in _NOT_HIS}


def _count(subject: Subject) -> int:
    return sum(rows.count() for _name, rows in _held(subject))


# --- erasing ---


def _erase(subject: Subject, now: datetime) -> int:
    """Rows go or are blanked first; then their history, which holds what was just blanked too."""
    erased = _count(subject)
    names = [card.full_name for card in Customer.objects.filter(pk__in=subject.keys)]
    for model, columns in _GO:
        rows = set(map(str, _of(model, columns, subject).values_list("pk", flat=True)))
        _of(model, columns, subject).delete()
        _erase_history(model, columns, subject, rows)
    _blank_consents(subject)
    _blank_bans(subject)
    _blank_merges(subject)
    _blank_contracts(subject)
    _blank_cards(subject, now)
    index_words(subject, names)
    return erased


def _erase_history(model: type[Model], columns: tuple[str, ...], subject: Subject, rows: set[str]) -> None:
    table = model._meta.db_table
    for column in columns:
        rows |= set(rows_ever(table, column, subject.keys))
    erase_values(table, rows)


def _blank_consents(subject: Subject) -> None:
    consents = Consent.objects.filter(customer__in=subject.keys)
    consents.update(proof="")
    _erase_history(Consent, ("customer_id",), subject, set())


def _blank_bans(subject: Subject) -> None:
    """The line goes on forbidding, but nobody reads of whom."""
    bans = list(_bans(subject).select_for_update())
    for ban in bans:
        if ban.address and not ban.address.startswith("#"):
            ban.address = address_hash(ban.address)
        ban.reason = ban.lift_reason = ""
        ban.save(update_fields=["address", "reason", "lift_reason"])
    _erase_history(ContactBan, ("customer_id",), subject, {str(ban.pk) for ban in bans})


def _blank_merges(subject: Subject) -> None:
    merges = Merge.objects.filter(Q(kept__in=subject.keys) | Q(gone__in=subject.keys))
    merges.update(before={}, after={}, left=[])
    _erase_history(Merge, ("kept_id", "gone_id"), subject, set())


def _blank_contracts(subject: Subject) -> None:
    """What was agreed stays for the books; what people wrote about it does not."""
    contracts = Contract.objects.filter(customer__in=subject.keys)
    losses = Loss.objects.filter(contract__in=contracts.values("pk"))
    tariffs = TariffChange.objects.filter(contract__in=contracts.values("pk"))
    losses.update(what=ERASED)
    tariffs.update(reason="")
    contracts.update(custom={})
    for rows in (contracts, losses, tariffs):
        erase_values(rows.model._meta.db_table, list(rows.values_list("pk", flat=True)))


def _blank_cards(subject: Subject, now: datetime) -> None:
    blank = {
        field.attname: field.get_default() if field.has_default() else None if field.null else ""
        for field in Customer._meta.concrete_fields
        if field.name not in _NEVER
    }
    cards = Customer.objects.filter(pk__in=subject.keys)
    cards.filter(deleted_at=None).update(deleted_at=now)
    cards.update(**{**blank, "erased_at": now})
    erase_values(Customer._meta.db_table, subject.texts)


def index_words(subject: Subject, names: list[str]) -> None:
    for key in subject.keys:
        index.remove(key)
    index.forget_words(KIND, names)
