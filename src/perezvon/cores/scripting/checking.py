"""Answers: is it what the field takes."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal

from perezvon.cores.conditions.facts import day, number
from perezvon.cores.scripting.model import LONGEST_ANSWER, Ask, Field, Missing, Node, Stored
from perezvon.kernel.checks import Wrong


def kept(node: Node, given: Mapping[str, Stored]) -> dict[str, Stored]:
    """Of what was typed, that which belongs to this step, cut to size: what is kept even if it is wrong."""
    return {field.code: _cut(given[field.code]) for field in node.fields if field.code in given}


def _cut(stored: Stored) -> Stored:
    if isinstance(stored, str):
        return stored.strip()[:LONGEST_ANSWER]
    return tuple(dict.fromkeys(code[:200] for code in stored))[:200]


def read(node: Node, given: Mapping[str, Stored]) -> tuple[dict[str, Stored], tuple[Missing, ...]]:
    """Answers as they are kept, and what is wrong with them."""
    answers: dict[str, Stored] = {}
    wrong: list[Missing] = []
    for field in node.fields:
        stored = _cut(given.get(field.code, ""))
        try:
            answers[field.code] = _read(field, stored)
        except Wrong as error:
            wrong.append(Missing(field.code, error.code))
            answers[field.code] = stored
    return answers, tuple(wrong)


def _read(field: Field, stored: Stored) -> Stored:
    if not stored:
        if field.required:
            raise Wrong("field.required")
        return () if field.ask in {Ask.MANY, Ask.MATRIX} else ""
    if field.ask in {Ask.MANY, Ask.MATRIX}:
        return _several(field, stored if isinstance(stored, tuple) else (stored,))
    if not isinstance(stored, str):
        raise Wrong("answer.one")
    return _one(field, stored)


def _one(field: Field, text: str) -> str:
    match field.ask:
        case Ask.NUMBER | Ask.SCALE:
            return _number(field, text)
        case Ask.DAY:
            return day(text).isoformat()
        case Ask.MOMENT:
            return _moment(text)
        case Ask.ONE:
            return _option(field, text)
        case Ask.FLAG:
            if text not in {"yes", "no"}:
                raise Wrong("answer.flag")
            return text
        case _:
            return text


def _number(field: Field, text: str) -> str:
    value = number(text)
    if field.ask == Ask.SCALE and value != value.to_integral_value():
        raise Wrong("answer.whole")
    if (field.least is not None and value < field.least) or (field.most is not None and value > field.most):
        raise Wrong("answer.range")
    return f"{_plain(value):f}"


def _plain(value: Decimal) -> Decimal:
    return value.quantize(Decimal(1)) if value == value.to_integral_value() else value.normalize()


def _moment(text: str) -> str:
    try:
        value = datetime.fromisoformat(text)
    except ValueError:
        raise Wrong("answer.moment") from None
    if value.tzinfo is None:
        raise Wrong("answer.moment")
    return value.isoformat()


def _option(field: Field, code: str) -> str:
    if all(option.code != code for option in field.options):
        raise Wrong("answer.option")
    return code


def _several(field: Field, codes: tuple[str, ...]) -> tuple[str, ...]:
    if field.ask == Ask.MANY:
        return tuple(_option(field, code) for code in codes)
    rows = {row.code for row in field.rows}
    pairs = [code.partition(":") for code in codes]
    if any(row not in rows for row, _sign, _code in pairs) or len({row for row, _, _ in pairs}) < len(pairs):
        raise Wrong("answer.row")
    if field.required and len(pairs) < len(rows):
        raise Wrong("field.required")
    return tuple(f"{row}:{_option(field, code)}" for row, _sign, code in pairs)
