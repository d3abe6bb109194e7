"""Conditions: one language in which lists, rules, fields and scenarios ask for a part of the whole."""

from perezvon.cores.conditions.facts import Fact, Type, Value
from perezvon.cores.conditions.judging import Judged, explain, holds
from perezvon.cores.conditions.reading import Unreadable, problems, read
from perezvon.cores.conditions.words import MANY, OPERATORS, Condition, Group, Operator, Where

__all__ = [
    "MANY",
    "OPERATORS",
    "Condition",
    "Fact",
    "Group",
    "Judged",
    "Operator",
    "Type",
    "Unreadable",
    "Value",
    "Where",
    "explain",
    "holds",
    "problems",
    "read",
]
