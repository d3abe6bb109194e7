"""Customers by source of information: how many there are, how many came, and what they called about us for (F01.21)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, Q
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from perezvon.foundation.access import Actor
from perezvon.foundation.lists.exports import made
from perezvon.foundation.lists.tables import Table, table_bytes
from perezvon.modules.customers.models import Customer, Kind
from perezvon.modules.interactions.models import Interaction
from perezvon.modules.reporting.figures import growth, percent
from perezvon.modules.reporting.filters import Asked


@dataclass(frozen=True, slots=True)
class Source:
    """name: "" for customers without one. total: of all there are now. came, before: in the period and the one before.

    contacts: of its customers in the period. all_came: of every source, for the share.
    """

    name: str
    total: int
    came: int
    before: int
    contacts: int
    all_came: int

    @property
    def percent(self) -> int | None:
        return percent(self.came, self.all_came)

    @property
    def growth_percent(self) -> int | None:
        return growth(self.came, self.before)


@dataclass(frozen=True, slots=True)
class SourceReport:
    """lines: the one that brought most first, customers without a source last. made_at: how fresh it is."""

    asked: Asked
    lines: tuple[Source, ...]
    made_at: datetime

    @property
    def total(self) -> Source:
        def summed(name: str) -> int:
            return sum(getattr(line, name) for line in self.lines)

        came = summed("came")
        return Source("", summed("total"), came, summed("before"), summed("contacts"), all_came=came)


def make_source_report(asked: Asked, *, by: Actor, now: datetime) -> SourceReport:
    """Two queries. A project's customers are its own; without a project all that one sees count."""
    by.must("reporting.view")
    customers = Customer.objects.visible_to(by).exclude(kind=Kind.QUASI)
    if asked.project:
        customers = customers.filter(project=asked.project)
    counted = (
        customers.order_by()
        .values("source")
        .annotate(
            total=Count("pk"),
            came=Count("pk", filter=_within(asked)),
            before=Count("pk", filter=_within(asked.before)),
        )
    )
    rows = {row["source"]: (row["total"], row["came"], row["before"]) for row in counted}
    contacts = Interaction.objects.filter(
        customer__in=customers, project__in=asked.project_ids, began_at__gte=asked.begins_at, began_at__lt=asked.ends_at
    )
    reached = dict(contacts.order_by().values_list("customer__source").annotate(count=Count("pk")))
    came = sum(counts[1] for counts in rows.values())
    lines = (
        Source(name, total, here, before, reached.get(name, 0), came) for name, (total, here, before) in rows.items()
    )
    return SourceReport(
        asked, tuple(sorted(lines, key=lambda one: (not one.name, -one.came, -one.total, one.name))), now
    )


def _within(asked: Asked) -> Q:
    return Q(created_at__gte=asked.begins_at, created_at__lt=asked.ends_at)


def write_source_report(report: SourceReport, form: str, *, made_by: str) -> bytes:
    """The file's bytes. form: xlsx or csv."""
    heads = [
        (_("Source of information"), 280),
        (_("Customers"), 110),
        (_("Came"), 110),
        ("%", 70),
        (_("Growth"), 90),
        (_("Before"), 110),
        (_("Contacts"), 110),
    ]
    rows = (
        [name, one.total, one.came, one.percent, one.growth_percent, one.before, one.contacts]
        for name, one in [*((source_name(line), line) for line in report.lines), (_("Total"), report.total)]
    )
    return table_bytes(form, Table(heads, rows, _question(report, made_by)))


def source_name(line: Source) -> str:
    return line.name or _("not given")


def _question(report: SourceReport, made_by: str) -> list[tuple[str, str]]:
    asked = report.asked

    def days(one: Asked) -> str:
        return f"{date_format(one.first, 'SHORT_DATE_FORMAT')} \u2013 {date_format(one.last, 'SHORT_DATE_FORMAT')}"

    return [
        (_("Report"), _("Customers by source")),
        (_("Period"), days(asked)),
        (_("Compared with"), days(asked.before)),
        (_("Project"), str(asked.project) if asked.project else _("All projects")),
        (_("Time zone"), asked.zone.key),
        *made(made_by, report.made_at),
    ]
