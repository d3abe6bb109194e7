"""The form of a field: what was typed into it, kept as typed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.http import QueryDict

from perezvon.foundation.fields.models import CustomField
from perezvon.foundation.fields.options import choices_text
from perezvon.foundation.fields.registry import RecordKind
from perezvon.foundation.fields.services import Wanted
from perezvon.foundation.fields.web.words import LANGUAGES

_OPTIONS = ("check", "bank", "most_letters", "places", "least", "most", "currency", "choices", "region", "formula")
_ACCESS = "access_"


@dataclass(frozen=True, slots=True)
class Asked:
    """A field as the form has it; its choices are the text of the form."""

    kind: str
    type: str
    key: str
    wanted: Wanted

    @classmethod
    def of(cls, row: CustomField) -> Asked:
        """The form of a field that there is."""
        options: dict[str, Any] = dict(row.options)
        if "choices" in options:
            options["choices"] = choices_text(options["choices"])
        wanted = Wanted(
            label=row.label,
            section=row.section.key,
            options=options,
            access=row.access,
            variants=tuple(row.variants),
            required=row.is_required,
            searchable=row.is_searchable,
            sortable=row.is_sortable,
            importable=row.is_importable,
            exportable=row.is_exportable,
        )
        return cls(row.kind, row.type, row.key, wanted)


def new_asked(kind: RecordKind, type_: str, section: str) -> Asked:
    """An empty form."""
    return Asked(kind.code, type_, "", Wanted(label={}, section=section))


def asked_of(posted: QueryDict, kind: RecordKind, type_: str, *, key: str) -> Asked:
    """What was sent."""
    wanted = Wanted(
        label={code: posted.get(f"label_{code}", "") for code in LANGUAGES},
        section=posted.get("section", ""),
        options={name: posted[name] for name in _OPTIONS if name in posted},
        access={name.removeprefix(_ACCESS): posted.get(name, "") for name in posted if name.startswith(_ACCESS)},
        variants=tuple(posted.getlist("variants")),
        required="required" in posted,
        searchable="searchable" in posted,
        sortable="sortable" in posted,
        importable="importable" in posted,
        exportable="exportable" in posted,
    )
    return Asked(kind.code, type_, key, wanted)
