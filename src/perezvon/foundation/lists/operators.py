"""How a column's values can be compared. A column type names those that make sense for it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as lazy
from django.utils.translation import pgettext_lazy

MANY = -1


@dataclass(frozen=True, slots=True)
class Operator:
    """values: how many it takes; MANY for as many as are ticked. of: "" for values of the column's type, or "days"."""

    label: str | Promise
    values: int = 1
    of: str = ""


OPERATORS: Mapping[str, Operator] = {
    "contains": Operator(lazy("contains")),
    "lacks": Operator(lazy("does not contain")),
    "is": Operator(pgettext_lazy("filter", "is")),
    "starts": Operator(lazy("begins with")),
    "ends": Operator(lazy("ends with")),
    "least": Operator(lazy("at least")),
    "most": Operator(lazy("at most")),
    "between": Operator(lazy("between"), 2),
    "before": Operator(lazy("before")),
    "after": Operator(lazy("after")),
    "last": Operator(lazy("in the last days"), 1, "days"),
    "any": Operator(lazy("one of"), MANY),
    "none": Operator(lazy("none of"), MANY),
    "me": Operator(lazy("is me"), 0),
    "yes": Operator(pgettext_lazy("filter", "yes"), 0),
    "no": Operator(pgettext_lazy("filter", "no"), 0),
    "empty": Operator(lazy("is empty"), 0),
    "filled": Operator(lazy("is filled in"), 0),
}
