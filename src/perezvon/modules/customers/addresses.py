"""How an address is written in a country: which parts, in which order, with which postcode (F29.05)."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from perezvon.kernel.checks import Wrong

PARTS = ("postcode", "region", "town", "line")
LONGEST = {"postcode": 12, "region": 100, "town": 100, "line": 300, "note": 200}
HOME = "RU"


@dataclass(frozen=True, slots=True)
class AddressForm:
    """order: of the parts in one line. postcode: its form; example: one that has it. region: what it is called."""

    order: tuple[str, ...] = ("line", "town", "region", "postcode")
    postcode: str = r".*"
    example: str = ""
    region: str = "region"


_EASTERN = ("postcode", "region", "town", "line")
_GERMAN = ("line", "postcode", "town", "region")
FORMS: dict[str, AddressForm] = {
    "RU": AddressForm(_EASTERN, r"\d{6}", "125009"),
    "BY": AddressForm(_EASTERN, r"\d{6}", "220030", "oblast"),
    "KZ": AddressForm(_EASTERN, r"\d{6}|[A-Z]\d{2}[A-Z]\d[A-Z]\d", "050000", "oblast"),
    "UA": AddressForm(_EASTERN, r"\d{5}", "01001", "oblast"),
    "AM": AddressForm(_EASTERN, r"\d{4}", "0010"),
    "GE": AddressForm(_EASTERN, r"\d{4}", "0105"),
    "KG": AddressForm(_EASTERN, r"\d{6}", "720001", "oblast"),
    "UZ": AddressForm(_EASTERN, r"\d{6}", "100000", "oblast"),
    "DE": AddressForm(_GERMAN, r"\d{5}", "10115"),
    "TR": AddressForm(_GERMAN, r"\d{5}", "34000"),
    "US": AddressForm(("line", "town", "region", "postcode"), r"\d{5}(-\d{4})?", "10001", "state"),
    "GB": AddressForm(("line", "town", "postcode", "region"), r"[A-Z]{1,2}\d[A-Z\d]? ?\d[A-Z]{2}", "SW1A 1AA"),
}


def form_of(country: str) -> AddressForm:
    return FORMS.get(country, AddressForm())


def cleaned_parts(country: str, typed: Mapping[str, str]) -> tuple[dict[str, str], dict[str, Wrong]]:
    """The parts as they are kept, and what is wrong with others, by name."""
    parts = {name: " ".join(typed.get(name, "").split()) for name in (*PARTS, "note")}
    wrong = {name: Wrong("text.long", most=LONGEST[name]) for name, text in parts.items() if len(text) > LONGEST[name]}
    if country not in FORMS:
        wrong["country"] = Wrong("choice.unknown")
    form = form_of(country)
    parts["postcode"] = parts["postcode"].upper()
    if parts["postcode"] and not re.fullmatch(form.postcode, parts["postcode"]):
        wrong["postcode"] = Wrong("postcode.form", example=form.example)
    if not parts["town"] and not parts["line"]:
        wrong["line"] = Wrong("address.missing")
    return parts, wrong


def in_one_line(country: str, parts: Mapping[str, str]) -> str:
    """The address as it is written there."""
    return ", ".join(parts[name] for name in form_of(country).order if parts[name])
