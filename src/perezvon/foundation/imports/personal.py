"""What imports hold of a person: rows that brought him or were refused, and the tables they came from."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from functools import reduce
from operator import or_

from django.db.models import F, Func, Q, QuerySet, TextField, Value
from django.db.models.functions import Cast, Lower
from django.utils.translation import gettext_lazy as lazy

from perezvon.foundation.imports.models import AT_WORK, Import, ImportRow, State
from perezvon.foundation.imports.reading import forget_files
from perezvon.foundation.personal.registry import Holder, Rows, Subject

_SHORTEST = 7  # fewer digits may be part of anything


def holder() -> Holder:
    return Holder(
        "imports",
        lazy("Rows of imported tables, and the tables themselves"),
        order=50,
        export=_export,
        count=lambda subject: _rows(subject).count(),
        erase=_erase,
        stays=lazy("That an import made or changed a card, without values."),
    )


def _rows(subject: Subject) -> QuerySet[ImportRow]:
    """Those of his cards, and refused ones in whose cells a number or mailbox of his stands, however it is written."""
    refused = ImportRow.objects.filter(record=None, cells__isnull=False).annotate(
        text=Lower(Cast("cells", TextField())),
        digits=Func(
            F("text"), Value(r"\D"), Value(""), Value("g"), function="regexp_replace", output_field=TextField()
        ),
    )
    said = [_said(one) for one in subject.addresses if len(one) >= _SHORTEST]
    found = refused.filter(reduce(or_, said)).values("pk") if said else ImportRow.objects.none().values("pk")
    known = Q(undo__isnull=False) | ~Q(title="") | Q(cells__isnull=False)
    return ImportRow.objects.filter(Q(record__in=subject.keys) | Q(pk__in=found)).filter(known)


def _said(address: str) -> Q:
    return Q(digits__contains=address[-10:]) if address.isdecimal() else Q(text__contains=address)


def _export(subject: Subject) -> Mapping[str, Rows]:
    rows = _rows(subject).order_by("pk").values("of__file_name", "number", "act", "title", "undo", "cells")
    return {"rows": list(rows)}


def _erase(subject: Subject, now: datetime) -> int:
    """Whole tables go: they can be read no more. One that is at work is left to its end and goes with the others."""
    brought = set(_rows(subject).values_list("of", flat=True))
    for key in (
        Import.objects.filter(pk__in=brought).exclude(state__in=(*AT_WORK, State.SETUP)).values_list("pk", flat=True)
    ):
        forget_files(key)
        Import.objects.filter(pk=key).update(sheets=[], trial={})
    return _rows(subject).update(undo=None, cells=None, title="", problems=None)
