"""Two cards of one person become one, and can become two again for 30 days (DECISIONS 7, X.24).

Everything that points at the card that goes is made to point at the one that stays, whatever module it belongs to:
the foreign keys are walked, so no module can be forgotten. Each value that changes is written in a ledger. Undoing
plays it backwards and leaves alone what somebody has changed since, and says what. Both cards are locked, the smaller
id first.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.core.serializers.json import DjangoJSONEncoder
from django.db import IntegrityError, connection, models, transaction
from django.db.models import Field, Model

from perezvon.foundation.access import Actor
from perezvon.foundation.commands.services import command
from perezvon.foundation.fields.field import PREFIX
from perezvon.foundation.fields.selectors import visible_fields
from perezvon.foundation.outbox.services import publish
from perezvon.foundation.records.registry import pointers
from perezvon.foundation.search import services as index
from perezvon.kernel.errors import Refused
from perezvon.modules.customers.events import CustomersMerged
from perezvon.modules.customers.models import (
    LOCKED_TYPES,
    ContactPoint,
    Customer,
    Document,
    Duplicate,
    Kind,
    Merge,
    MergeMove,
)
from perezvon.modules.customers.selectors.duplicates import get_merge
from perezvon.modules.customers.selectors.reading import NoSuchCustomer
from perezvon.modules.customers.selectors.review import is_locked
from perezvon.modules.customers.services.writing import put_in_index, save_changed
from perezvon.modules.customers.values import OWN

UNDO_WITHIN = timedelta(days=30)
MOST_PAIRS = 5000
_LEDGER = (Merge, MergeMove, Duplicate)
# Beside OWN: what of the card itself may become another.
COLUMNS = (
    *(*OWN, "status", "card_type", "segment", "code_word", "zone", "warnings", "preferences", "custom"),
    "office_id",
    "made_by_number",
)


class CannotMerge(Refused):
    """facts: why, "same", "kinds" or "projects"."""

    code = "customers.cannot_merge"


class CannotUndo(Refused):
    """facts: why, "late", "done" or "later": the card that stayed was merged itself since."""

    code = "customers.cannot_undo"


@command("customers.merge", needs="customers.merge")
def merge_customers(*, kept_id: UUID, gone_id: UUID, take: Collection[str], by: Actor, now: datetime) -> Merge:
    """Make one card of two. take: names of fields whose value comes from the one that goes; see `mergeable`.

    What the kept card lacks it gets from the other anyway, but for personal data where its type closes them to the
    actor (F01.33). The stricter card type holds. Raises CannotMerge, NoSuchCustomer.
    """
    if kept_id == gone_id:
        raise CannotMerge(why="same")
    kept, gone = _lock_both(kept_id, gone_id, by)
    if kept.kind != gone.kind or Kind.QUASI in {kept.kind, gone.kind}:
        raise CannotMerge(why="kinds")
    if kept.project_id != gone.project_id:
        raise CannotMerge(why="projects")
    before = _columns(kept)
    _take_over(kept, gone, mergeable(kept, gone, by=by).keys() & take, by)
    after = _columns(kept)
    changed = [name for name in COLUMNS if before[name] != after[name]]
    merge = Merge.objects.create(
        kept=kept,
        gone=gone,
        before={name: before[name] for name in changed},
        after={name: after[name] for name in changed},
        by_id=by.user_id,
        at=now,
    )
    MergeMove.objects.bulk_create([MergeMove(merge=merge, **move) for move in _move_all(kept, gone)])
    gone.deleted_at, gone.merged_into, gone.version = now, kept, gone.version + 1
    gone.save()
    index.remove(gone.pk)
    save_changed(kept, [*changed, "merged"], now)
    publish(CustomersMerged(kept_id=kept.pk, gone_id=gone.pk), now=now)
    return merge


@command("customers.undo_merge", needs="customers.merge")
def undo_merge(*, merge_id: int, by: Actor, now: datetime) -> Merge:
    """Two cards again, as they were. What was changed since stays with the kept card; `left` lists it.

    Raises CannotUndo, NoSuchMerge.
    """
    merge = get_merge(merge_id, by=by)
    kept, gone = _lock_both(merge.kept_id, merge.gone_id, by, gone_too=True)
    # A second click may have waited for the cards while the first one undid it all.
    merge.refresh_from_db(fields=["undone_at"], from_queryset=Merge.objects.select_for_update())
    if merge.undone_at is not None:
        raise CannotUndo(why="done")
    if now - merge.at > UNDO_WITHIN:
        raise CannotUndo(why="late")
    if kept.deleted_at and not kept.merged_into_id:
        raise NoSuchCustomer(customer=kept.pk)
    if kept.merged_into_id or Merge.objects.filter(kept=gone, undone_at=None, at__gt=merge.at).exists():
        raise CannotUndo(why="later")
    gone.deleted_at, gone.merged_into, gone.version = None, None, gone.version + 1
    gone.save()
    left = [*_move_back(merge), *_give_back(kept, merge)]
    merge.undone_at, merge.left = now, left
    merge.save(update_fields=["undone_at", "left"])
    put_in_index(gone)
    save_changed(kept, [*merge.before, "merged"], now)
    publish(CustomersMerged(kept_id=kept.pk, gone_id=gone.pk, undone=True), now=now)
    return merge


@command("customers.dismiss_duplicate", needs="customers.merge")
def dismiss_duplicate(*, one_id: UUID, other_id: UUID, by: Actor, now: datetime) -> None:
    """Somebody looked: these are two people. The pair is not offered again."""
    one, other = sorted((one_id, other_id))
    _lock_both(one, other, by)
    Duplicate.objects.update_or_create(
        one_id=one,
        other_id=other,
        defaults={"dismissed_at": now, "dismissed_by_id": by.user_id},
        create_defaults={"found_at": now, "dismissed_at": now, "dismissed_by_id": by.user_id},
    )


# --- finding all ---

_PAIRS = """
INSERT INTO customers_duplicate (one_id, other_id, reasons, found_at)
SELECT found.one, found.other, jsonb_agg(DISTINCT found.reason), %s FROM (
  SELECT a.id AS one, b.id AS other, 'inn' AS reason FROM customers_customer a
    JOIN customers_customer b ON a.inn = b.inn AND a.id < b.id WHERE a.inn <> '' AND b.inn <> ''
  UNION ALL SELECT a.id, b.id, 'snils' FROM customers_customer a
    JOIN customers_customer b ON a.snils = b.snils AND a.id < b.id WHERE a.snils <> '' AND b.snils <> ''
  UNION ALL SELECT a.customer_id, b.customer_id, 'passport' FROM customers_document a
    JOIN customers_document b ON a.number = b.number AND a.kind = b.kind AND a.customer_id < b.customer_id
    WHERE a.number <> ''
  UNION ALL SELECT a.id, b.id, 'name' FROM customers_customer a
    JOIN customers_customer b ON a.sort_key = b.sort_key AND a.birth_date = b.birth_date AND a.id < b.id
    WHERE a.sort_key <> ''
  UNION ALL SELECT p.customer_id, q.customer_id, 'phone' FROM customers_contactpoint p
    JOIN customers_contactpoint q ON p.digits = q.digits AND q.digits <> '' AND p.customer_id < q.customer_id
    JOIN customers_customer a ON a.id = p.customer_id JOIN customers_customer b ON b.id = q.customer_id
    WHERE p.digits <> '' AND p.struck_reason = '' AND q.struck_reason = '' AND a.last_name <> ''
      AND a.last_name = b.last_name AND a.first_name = b.first_name
) found
JOIN customers_customer a ON a.id = found.one JOIN customers_customer b ON b.id = found.other
WHERE a.deleted_at IS NULL AND b.deleted_at IS NULL AND a.kind = b.kind AND a.kind <> 'quasi'
  AND a.project_id IS NOT DISTINCT FROM b.project_id
  AND (a.card_type = b.card_type OR a.card_type = '' OR b.card_type = '')
GROUP BY found.one, found.other ORDER BY count(DISTINCT found.reason) DESC, found.one, found.other LIMIT %s
ON CONFLICT (one_id, other_id) DO UPDATE SET reasons = excluded.reasons
WHERE customers_duplicate.reasons <> excluded.reasons
"""


@command("customers.find_duplicates", needs="customers.merge")
def find_duplicates(*, by: Actor, now: datetime) -> int:
    """Look through the whole base for pairs; the job does it every night. Returns how many are new or differ.

    Cards of two types stay apart, because each type is a source (X.24), and so do those of two projects.
    """
    with connection.cursor() as cursor:
        cursor.execute(_PAIRS, [now, MOST_PAIRS])
        return int(cursor.rowcount)


# --- what the card that stays takes over ---


def mergeable(kept: Customer, gone: Customer, *, by: Actor) -> dict[str, tuple[Any, Any]]:
    """Fields in which both cards have something, and not the same: name → (of kept, of gone).

    Only those that `by` may change on the kept card.
    """
    pairs = {name: (getattr(kept, name), getattr(gone, name)) for name in (*_open(kept, by), "status", "segment")}
    own = [field for field in visible_fields(by, kept) if field.is_editable]
    pairs |= {field.name: (kept.custom.get(field.key), gone.custom.get(field.key)) for field in own}
    return {name: pair for name, pair in pairs.items() if all(pair) and pair[0] != pair[1]}


def _open(kept: Customer, by: Actor) -> tuple[str, ...]:
    return () if is_locked(kept, by) else OWN


def _take_over(kept: Customer, gone: Customer, take: Collection[str], by: Actor) -> None:
    if kept.made_by_number and not gone.made_by_number:  # a number is no name
        kept.last_name, kept.made_by_number = "", False
    for name in (*_open(kept, by), "status", "segment", "zone", "preferences", "office_id"):
        theirs = getattr(gone, name)
        if theirs and (name in take or not getattr(kept, name)):
            setattr(kept, name, theirs)
    if kept.middle_name:
        kept.no_middle_name = False
    kept.source = _both(kept.source, gone.source) if "source" not in take else kept.source
    kept.custom = gone.custom | kept.custom | {key: gone.custom[key] for key in gone.custom if f"{PREFIX}{key}" in take}
    kept.warnings = list(dict.fromkeys([*kept.warnings, *gone.warnings]))
    if gone.card_type in LOCKED_TYPES or not kept.card_type:
        kept.card_type = kept.card_type if kept.card_type in LOCKED_TYPES else gone.card_type
    kept.sort_key = index.text_for(kept.full_name)[:320]


def _both(one: str, other: str) -> str:
    return "; ".join(dict.fromkeys(text for text in (one, other) if text))[:100]


# --- the ledger ---


def _pointing() -> Iterator[Field[Any, Any]]:
    """Every column of every module that points at a customer, but those that tell of merges.

    Those too that point at records of any kind, by a key that only one record has.
    """
    for relation in Customer._meta.get_fields(include_hidden=True):
        if not (relation.auto_created and not relation.concrete and (relation.one_to_many or relation.one_to_one)):
            continue
        field = relation.field  # type: ignore[union-attr]
        if field.model not in _LEDGER and not field.model._meta.proxy and field.model is not Customer:
            yield field
    yield from (model._meta.get_field(column) for model, column in pointers())  # type: ignore[misc]


def _move_all(kept: Customer, gone: Customer) -> Iterator[dict[str, Any]]:
    """Make what points at `gone` point at `kept`. What would stand there twice stays where it is."""
    stays: dict[type[Model], list[int]] = {ContactPoint: _points_known(kept, gone)}
    yield from _make_room(kept, gone)
    for field in _pointing():
        rows = field.model._default_manager.filter(**{field.attname: gone.pk}).exclude(
            pk__in=stays.get(field.model, [])
        )
        for key in rows.order_by("pk").values_list("pk", flat=True):
            if _point(field, key, kept.pk):
                yield _move(field, key, str(gone.pk), str(kept.pk))


def _points_known(kept: Customer, gone: Customer) -> list[int]:
    known = {(point.kind, point.digits or point.raw.lower()) for point in kept.points.all()}
    return [point.pk for point in gone.points.all() if (point.kind, point.digits or point.raw.lower()) in known]


def _make_room(kept: Customer, gone: Customer) -> Iterator[dict[str, Any]]:
    """There is one main telephone and one current passport."""
    mains = {point.kind for point in kept.points.all() if point.is_main}
    for point in gone.points.filter(is_main=True, kind__in=mains):
        yield _switch_off(point, "is_main")
    if kept.documents.filter(kind=Document.PASSPORT, is_current=True).exists():
        for document in gone.documents.filter(kind=Document.PASSPORT, is_current=True):
            yield _switch_off(document, "is_current")


def _switch_off(row: Model, name: str) -> dict[str, Any]:
    setattr(row, name, False)
    row.save(update_fields=[name])
    return _move(row._meta.get_field(name), row.pk, True, False)  # type: ignore[arg-type]


def _point(field: Field[Any, Any], key: object, target: UUID) -> bool:
    """False where a rule of the table forbids it, e.g. a relation that is there already."""
    try:
        with transaction.atomic():
            return bool(field.model._default_manager.filter(pk=key).update(**{field.attname: target}))
    except IntegrityError:
        return False


def _move(field: Field[Any, Any], key: object, before: object, after: object) -> dict[str, Any]:
    return {
        "table": field.model._meta.db_table,
        "column": field.column,
        "row": str(key),
        "before": before,
        "after": after,
    }


def _move_back(merge: Merge) -> Iterator[dict[str, str]]:
    """The last move first. Gives those that could not be undone."""
    fields = {(field.model._meta.db_table, field.column): field for field in _pointing()}
    fields |= {(m._meta.db_table, n): m._meta.get_field(n) for m, n in _SWITCHES}  # type: ignore[misc]
    for move in merge.moves.order_by("-id"):
        field = fields.get((move.table, move.column))
        if field is None or not _back(field, move):
            yield {"table": move.table, "row": move.row}


_SWITCHES: tuple[tuple[type[Model], str], ...] = ((ContactPoint, "is_main"), (Document, "is_current"))


def _back(field: Field[Any, Any], move: MergeMove) -> bool:
    rows = field.model._default_manager.filter(pk=move.row, **{field.attname: move.after})
    try:
        with transaction.atomic():
            return bool(rows.update(**{field.attname: move.before}))
    except IntegrityError:
        return False


def _give_back(kept: Customer, merge: Merge) -> Iterator[dict[str, str]]:
    """Columns of the kept card as they were; those that somebody has changed since stay."""
    now = _columns(kept)
    for name, before in merge.before.items():
        if now[name] == merge.after[name]:
            column: Field[Any, Any] = Customer._meta.get_field(name)  # type: ignore[assignment]
            setattr(kept, name, column.to_python(before))
        elif name == "custom":
            kept.custom = _custom_back(kept.custom, before, merge.after[name])
            yield {"field": name}
        else:
            yield {"field": name}
    kept.sort_key = index.text_for(kept.full_name)[:320]


def _custom_back(now: dict[str, Any], before: dict[str, Any], after: dict[str, Any]) -> dict[str, Any]:
    """Key by key: what is as the merge left it becomes what it was."""
    same = {key for key in {*before, *after, *now} if now.get(key) == after.get(key)}
    return {key: value for key, value in before.items() if key in same} | {
        key: value for key, value in now.items() if key not in same
    }


def _columns(customer: Customer) -> dict[str, Any]:
    """Its columns as JSON keeps them."""
    encoder = DjangoJSONEncoder()
    values = {name: getattr(customer, name) for name in COLUMNS}
    return {name: value if _is_plain(value) else encoder.default(value) for name, value in values.items()}


def _is_plain(value: object) -> bool:
    return value is None or isinstance(value, str | bool | int | list | dict | models.Choices)


def _lock_both(one: UUID, other: UUID, by: Actor, *, gone_too: bool = False) -> tuple[Customer, Customer]:
    """Both in the order asked for, the smaller id locked first. Raises NoSuchCustomer."""
    seen = Customer.objects.all() if gone_too else Customer.objects.visible_to(by)
    rows = seen.select_for_update(of=("self",)).filter(pk__in=[one, other]).order_by("id")
    found = {row.pk: row for row in rows}
    for key in (one, other):
        if key not in found:
            raise NoSuchCustomer(customer=key)
    return found[one], found[other]
