"""A column that fits no field becomes a field of its own, of the type that its cells look like."""

from __future__ import annotations

import re
from datetime import datetime

from django.conf import settings
from django.utils.translation import get_language, override
from django.utils.translation import gettext as _

from perezvon.foundation.access import Actor
from perezvon.foundation.commands.services import command
from perezvon.foundation.fields.field import PREFIX, Field
from perezvon.foundation.fields.models import CustomField, FieldSection, Type
from perezvon.foundation.fields.registry import record_kinds
from perezvon.foundation.fields.services import LONGEST_LABEL, Wanted, add_field, add_section
from perezvon.foundation.imports.guessing import guess_type
from perezvon.foundation.imports.registry import As, Target

RIGHT = "fields.manage"
NEW_FIELD = "+"  # in place of a field's code
_SECTION = "from_tables"
_KEY = re.compile(r"[a-z][a-z0-9_]*")


def may_make_fields(kind: str, by: Actor) -> bool:
    """Whether records of this kind can have fields of their own, and this person makes such."""
    return by.may(RIGHT) and kind in {one.code for one in record_kinds()}


@command("imports.make_field", needs=RIGHT)
def make_field(*, kind: str, head: str, values: list[str], by: Actor, now: datetime) -> str:
    """A field that is called as the column is; the code by which a column fills it. Asked twice, it is one field.

    Raises FieldWrong.
    """
    name, language = head.strip()[:LONGEST_LABEL], (get_language() or settings.LANGUAGE_CODE)[:2]
    fields = CustomField.objects.filter(kind=kind)
    same = fields.filter(in_use=True, is_importable=True, **{f"label__{language}": name}).first()
    if same is not None:
        return f"{PREFIX}{same.key}"
    key, label = _key_of(head, set(fields.values_list("key", flat=True))), {language: name}
    wanted = Wanted(label=label, section=_section(kind, by, now))
    add_field(kind=kind, key=key, type=guess_type(values), wanted=wanted, by=by, now=now)
    return f"{PREFIX}{key}"


def _key_of(head: str, known: set[str]) -> str:
    """As the column is called, where that is Latin; a number otherwise, and where there is one of that key."""
    plain = re.sub(r"[^a-z0-9]+", "_", head.lower()).strip("_")[:24]
    base = plain if _KEY.fullmatch(plain) else "column"
    free = (key for number in range(1, len(known) + 2) if (key := f"{base}_{number}") not in known)
    return base if base not in known and base != "column" else next(free)


def _section(kind: str, by: Actor, now: datetime) -> str:
    """The first one, where fields stand already; else one of their own."""
    first = FieldSection.objects.filter(kind=kind).order_by("position", "id").first()
    if first is not None:
        return first.key
    label = {}
    for language, _name in settings.LANGUAGES:
        with override(language):
            label[language] = _("From tables")
    return add_section(kind=kind, key=_SECTION, label=label, by=by, now=now).key


_AS = {
    Type.PHONE: As.PHONE,
    Type.DATE: As.DATE,
    Type.NUMBER: As.NUMBER,
    Type.MONEY: As.NUMBER,
    Type.CHOICE: As.CHOICE,
    Type.CHOICES: As.CHOICE,
    Type.TREE: As.CHOICE,
}


def own_target(field: Field) -> Target:
    """An administrator's own field, as a column of a table can fill it."""
    return Target(
        code=field.name,
        label=field.label,
        group=field.section_label,
        type=_AS.get(Type(field.type), As.TEXT),
        words=",".join(text.replace(",", " ") for text in field.labels.values()),
        choices=tuple((one.code, one.label) for one in field.all_choices.values() if not one.withdrawn),
        many=field.type == Type.CHOICES,
        key=field.searchable and field.type in {Type.TEXT, Type.PHONE, Type.EMAIL},
    )
