"""What the options of a field may say, by its type, read from a form or a blueprint."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

from perezvon.foundation.fields import formula
from perezvon.foundation.fields.models import Type
from perezvon.foundation.fields.values import CHECKS, CURRENCIES, LONGEST_TEXT
from perezvon.kernel import checks
from perezvon.kernel.checks import Wrong

MOST_CHOICES, LONGEST_CODE, LONGEST_LABEL, DEEPEST = 1000, 40, 200, 8
MOST_PLACES = 6
REGIONS = ("RU", "UA", "BY", "KZ", "AM", "AZ", "GE", "KG", "MD", "TJ", "UZ", "DE", "US", "GB", "TR", "CN")
_LINE = re.compile(r"(?P<depth>(-\s*)*)(?P<code>[a-z0-9_]+)\s*(\||=)\s*(?P<labels>.+)", re.I)


def cleaned_options(type_: str, given: Mapping[str, Any], numbers: Iterable[str]) -> dict[str, Any]:
    """The options of `type_` that are given, checked. Raises Wrong.

    numbers: keys of the kind's fields that a formula may count with.
    """
    return {name: value for name, value in _READERS[type_](given, set(numbers)).items() if value not in (None, "")}


def choices_in(text: str) -> list[dict[str, Any]]:
    """Choices as an administrator types them, one a line: `code | Russian | English`, hyphens before deeper ones.

    Raises Wrong with the line that cannot be read.
    """
    found: list[dict[str, Any]] = []
    above: list[str] = []
    for number, line in enumerate((line.strip() for line in text.splitlines()), 1):
        if not line:
            continue
        match = _LINE.fullmatch(line)
        if match is None:
            raise Wrong("choices.line", line=number)
        depth = match["depth"].count("-")
        if depth > len(above) or depth > DEEPEST:
            raise Wrong("choices.line", line=number)
        labels = [label.strip()[:LONGEST_LABEL] for label in match["labels"].split("|")]
        code = match["code"].lower()
        del above[depth:]
        label = {name: text for name, text in zip(("ru", "en"), labels, strict=False) if text}
        found.append({"code": code, "label": label} | ({"parent": above[-1]} if above else {}))
        above.append(code)
    return found


def choices_text(choices: Iterable[Mapping[str, Any]]) -> str:
    """The same the other way round; withdrawn ones are left out."""
    return "\n".join(_choice_lines(list(choices)))


def with_withdrawn(before: Iterable[Mapping[str, Any]], now: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """`now` and those of `before` that are gone, for records that hold them."""
    kept = {one["code"] for one in now}
    return now + [{**one, "withdrawn": True} for one in before if one["code"] not in kept]


def _choice_lines(choices: list[Mapping[str, Any]]) -> Iterator[str]:
    known = {one["code"]: one for one in choices}
    for one in choices:
        if not one.get("withdrawn"):
            label = one["label"]
            words = [label.get("ru", ""), *([label["en"]] if label.get("en") else [])]
            yield f"{'- ' * _depth(one, known)}{one['code']} | {' | '.join(words)}"


def _depth(one: Mapping[str, Any], known: Mapping[str, Mapping[str, Any]]) -> int:
    depth = 0
    while (one := known.get(one.get("parent", ""), {})) and depth < DEEPEST:
        depth += 1
    return depth


# --- readers ---


def _text(given: Mapping[str, Any], _numbers: set[str]) -> dict[str, Any]:
    check = given.get("check") or ""
    if check and check not in CHECKS:
        raise Wrong("choice.unknown")
    bank = given.get("bank") if check == "account" else None
    return {"check": check, "bank": bank, "most_letters": _whole(given.get("most_letters"), 1, LONGEST_TEXT)}


def _number(given: Mapping[str, Any], _numbers: set[str]) -> dict[str, Any]:
    places = _whole(given.get("places"), 0, MOST_PLACES)
    least, most = (_bound(given.get(name)) for name in ("least", "most"))
    if least and most and checks.decimal(least, places=12) > checks.decimal(most, places=12):
        raise Wrong("number.bounds")
    return {"places": 2 if places is None else places, "least": least, "most": most}


def _money(given: Mapping[str, Any], numbers: set[str]) -> dict[str, Any]:
    currency = given.get("currency") or "RUB"
    if currency not in CURRENCIES:
        raise Wrong("choice.unknown")
    return _number({**given, "places": 2}, numbers) | {"currency": currency}


def _choices(given: Mapping[str, Any], _numbers: set[str]) -> dict[str, Any]:
    choices = given.get("choices") or []
    if isinstance(choices, str):
        choices = choices_in(choices)
    codes = [one["code"] for one in choices]
    if len(codes) != len(set(codes)):
        raise Wrong("choices.twice", again=next(code for code in codes if codes.count(code) > 1))
    if not codes:
        raise Wrong("choices.none")
    if len(codes) > MOST_CHOICES or max(map(len, codes)) > LONGEST_CODE:
        raise Wrong("choices.many", most=MOST_CHOICES)
    return {"choices": choices}


def _flat(given: Mapping[str, Any], numbers: set[str]) -> dict[str, Any]:
    found = _choices(given, numbers)
    if any(one.get("parent") for one in found["choices"]):
        raise Wrong("choices.tree")
    return found


def _phone(given: Mapping[str, Any], _numbers: set[str]) -> dict[str, Any]:
    region = given.get("region") or "RU"
    if region not in REGIONS:
        raise Wrong("choice.unknown")
    return {"region": region}


def _computed(given: Mapping[str, Any], numbers: set[str]) -> dict[str, Any]:
    text = str(given.get("formula") or "").strip()
    if unknown := formula.keys_in(text) - numbers:
        raise Wrong("formula.unknown", key=min(unknown))
    places = _whole(given.get("places"), 0, MOST_PLACES)
    return {"formula": text, "places": 2 if places is None else places}


def _nothing(_given: Mapping[str, Any], _numbers: set[str]) -> dict[str, Any]:
    return {}


_READERS: dict[str, Callable[[Mapping[str, Any], set[str]], dict[str, Any]]] = {
    Type.TEXT: _text,
    Type.NUMBER: _number,
    Type.MONEY: _money,
    Type.DATE: _nothing,
    Type.CHOICE: _flat,
    Type.CHOICES: _flat,
    Type.TREE: _choices,
    Type.PHONE: _phone,
    Type.EMAIL: _nothing,
    Type.LINK: _nothing,
    Type.FILE: _nothing,
    Type.COMPUTED: _computed,
}


def _whole(given: object, least: int, most: int) -> int | None:
    text = str(given if given is not None else "").strip()
    if not text:
        return None
    if not text.isdecimal() or not least <= int(text[:9]) <= most:
        raise Wrong("number.between", least=least, most=most)
    return int(text)


def _bound(given: object) -> str | None:
    text = str(given if given is not None else "").strip()
    return f"{checks.decimal(text, places=MOST_PLACES):f}" if text else None
