"""What every document may say besides its record, and how values are written in its language."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from django.utils.formats import date_format, number_format
from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy
from django.utils.translation import override

from perezvon.foundation.people.models import Project, User
from perezvon.modules.documents.filling import CLOSED, Known
from perezvon.modules.documents.registry import FieldOf, Group, source_of

ZONE = "Europe/Moscow"


def words_in(language: str, zone: str) -> Callable[[Any, str], str]:
    """How days, sums and yes or no are written. how: "short", "long" or "time"."""

    def words(value: Any, how: str) -> str:
        with override(language):
            if isinstance(value, bool):
                return _("yes") if value else _("no")
            if isinstance(value, datetime):
                value = localtime(value, ZoneInfo(zone)) if value.tzinfo else value
            if isinstance(value, date):
                return _day(value, how)
            return number_format(value, force_grouping=True) if isinstance(value, Decimal) else str(value)

    return words


def _day(value: date, how: str) -> str:
    if how == "long":
        return date_format(value, "DATE_FORMAT")
    if how == "time" and isinstance(value, datetime):
        return date_format(value, "SHORT_DATETIME_FORMAT")
    return date_format(value, "SHORT_DATE_FORMAT")


# --- places ---


def groups_for(kind: str) -> list[Group]:
    """All that a template for records of this kind may say: the record first, then what every document has."""
    return [*source_of(kind).groups(), *_common()]


def _common() -> list[Group]:
    return [
        Group(
            "document",
            lazy("Document"),
            (
                FieldOf("number", lazy("Outgoing number"), "10042"),
                FieldOf("date", lazy("Date"), date(2026, 11, 16)),
                FieldOf("title", lazy("Title"), lazy("Answer to a complaint")),
            ),
        ),
        Group(
            "signer",
            lazy("Who signs"),
            (
                FieldOf("name", lazy("Name"), lazy("Viktor Lebedev")),
                FieldOf("short_name", lazy("Surname and initial"), lazy("Lebedev V.")),
                FieldOf("position", lazy("Post"), lazy("Head of the contact centre")),
                FieldOf("phone", lazy("Extension"), "2101"),
                FieldOf("email", lazy("E-mail"), "lebedev@example.com"),
            ),
        ),
        Group(
            "author",
            lazy("Who makes it"),
            (
                FieldOf("name", lazy("Name"), lazy("Anna Ivanova")),
                FieldOf("position", lazy("Post"), lazy("Operator")),
                FieldOf("phone", lazy("Extension"), "2101"),
            ),
        ),
        Group("project", lazy("Project"), (FieldOf("name", lazy("Title"), lazy("Loans")),)),
    ]


def known_of(groups: Sequence[Group]) -> Known:
    """The same as names alone."""
    return {group.name: _names(group.fields) for group in groups}


def _names(fields: Sequence[FieldOf]) -> Known:
    return {one.name: _names(one.rows) if one.rows else CLOSED if one.closed else None for one in fields}


def examples_of(groups: Sequence[Group], language: str) -> dict[str, dict[str, Any]]:
    """An example in each place, two rows in each list."""
    with override(language):
        return {group.name: _examples(group.fields) for group in groups}


def _examples(fields: Sequence[FieldOf]) -> dict[str, Any]:
    return {
        one.name: [_examples(one.rows), _examples(one.rows)] if one.rows else _spoken(one.example) for one in fields
    }


def _spoken(example: Any) -> Any:
    return example if isinstance(example, str | date | Decimal | bool) else str(example)


# --- values ---


def common_values(
    *, number: str, day: date, title: str, signer: User | None, author: User | None, project: Project | None
) -> dict[str, dict[str, Any]]:
    return {
        "document": {"number": number, "date": day, "title": title},
        "signer": _person(signer),
        "author": _person(author),
        "project": {"name": str(project) if project else ""},
    }


def _person(user: User | None) -> dict[str, str]:
    if user is None:
        return {}
    return {
        "name": user.full_name,
        "short_name": user.short_name,
        "position": user.position,
        "phone": user.extension,
        "email": user.email,
    }
