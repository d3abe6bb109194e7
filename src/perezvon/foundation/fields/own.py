"""An administrator's own fields of a record, on their way from a form into its column `custom`, and back."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from perezvon.foundation.access import Actor
from perezvon.foundation.fields.field import PREFIX
from perezvon.foundation.fields.forms import as_form
from perezvon.foundation.fields.selectors import visible_fields
from perezvon.foundation.fields.values import clean, merged
from perezvon.kernel.checks import Wrong


def fill(record: Any, typed: Mapping[str, str], by: Actor) -> dict[str, Wrong]:
    """Put what was typed, by the fields' names, into the record, as far as `by` may. It is not saved.

    Gives what is wrong, by the fields' names; then the record is as it was.
    """
    fields = visible_fields(by, record) if typed else []
    read = clean([one for one in fields if one.is_editable], typed, record.custom)
    if not read.wrong:
        record.custom = merged(record.custom, read.values)
    return {f"{PREFIX}{key}": wrong for key, wrong in read.wrong.items()}


def typed_in(record: Any, by: Actor) -> dict[str, str]:
    """What the record has, as people would type it, by the fields' names."""
    return as_form(record.custom, visible_fields(by, record))
