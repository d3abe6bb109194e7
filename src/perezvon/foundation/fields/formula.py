"""Computed fields: sums over the other numbers of the record, e.g. `limit - used * 1.2`. Pure functions.

Only numbers, keys of fields, + - * / and brackets are a formula; everything else is refused before it is kept.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Mapping
from decimal import Decimal, DecimalException
from functools import lru_cache

from perezvon.kernel.checks import Wrong

LONGEST, MOST_PARTS = 500, 60
_SUMS: dict[type[ast.operator], Callable[[Decimal, Decimal], Decimal]] = {
    ast.Add: lambda one, other: one + other,
    ast.Sub: lambda one, other: one - other,
    ast.Mult: lambda one, other: one * other,
    ast.Div: lambda one, other: one / other,
}


def keys_in(formula: str) -> frozenset[str]:
    """The fields that it counts with. Raises Wrong when it is no formula."""
    return frozenset(node.id for node in ast.walk(_parsed(formula)) if isinstance(node, ast.Name))


def computed(formula: str, values: Mapping[str, str], *, places: int) -> Decimal | None:
    """Its value with so many decimals, values being kept numbers by key.

    None while one of them is missing, where it divides by 0, and where it has more digits than are counted with.
    """
    try:
        return round(_value(_parsed(formula), values), places)
    except (KeyError, DecimalException):
        return None


@lru_cache(maxsize=500)
def _parsed(formula: str) -> ast.expr:
    if len(formula) > LONGEST:
        raise Wrong("formula.form")
    try:
        tree = ast.parse(formula.strip(), mode="eval").body
    except (SyntaxError, ValueError, MemoryError, RecursionError):
        raise Wrong("formula.form") from None
    nodes = [node for node in ast.walk(tree) if isinstance(node, ast.expr)]
    if len(nodes) > MOST_PARTS or not all(_is_part(node) for node in nodes):
        raise Wrong("formula.form")
    return tree


def _is_part(node: ast.expr) -> bool:
    match node:
        case ast.Constant(value=value):
            return isinstance(value, int | float) and not isinstance(value, bool)
        case ast.BinOp(op=sum_):
            return type(sum_) in _SUMS
        case ast.UnaryOp(op=ast.USub()) | ast.Name():
            return True
    return False


def _value(node: ast.expr, values: Mapping[str, str]) -> Decimal:
    match node:
        case ast.BinOp(left=left, op=sum_, right=right):
            return _SUMS[type(sum_)](_value(left, values), _value(right, values))
        case ast.UnaryOp(operand=operand):
            return -_value(operand, values)
        case ast.Name(id=key):
            return Decimal(values[key])
        case ast.Constant(value=value):
            return Decimal(str(value))
    raise AssertionError(node)
