"""Telephone numbers as people type them, as we keep them, as we show them."""

from __future__ import annotations

import re
from dataclasses import dataclass

import phonenumbers

HOME_REGION = "RU"
_NOT_DIGIT = re.compile(r"\D+")
# The Russian "dob." and "dobavochny": what people write before an extension.
_EXTENSION = re.compile("\u0434\u043e\u0431[^0-9]*", re.I)


@dataclass(frozen=True, slots=True)
class PhoneNumber:
    """E.164 digits without the plus, and an extension when one was given."""

    digits: str
    extension: str = ""

    @property
    def e164(self) -> str:
        return f"+{self.digits}"

    def __str__(self) -> str:
        """As people read it, without the extension, whose word depends on the language."""
        parsed = phonenumbers.parse(self.e164, None)
        return phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.INTERNATIONAL)


def parse_phone(text: str, region: str = HOME_REGION) -> PhoneNumber | None:
    """The number meant by `text`, or None when it cannot be one.

    Takes 8 (916) 123-45-67, 9161234567, 7 916 ..., +7 ... and a trailing extension alike.
    A number of a possible length that no plan knows is kept too: callers show up with those.
    """
    cleaned = _EXTENSION.sub(" ext. ", text.strip())
    digits = _NOT_DIGIT.sub("", cleaned)
    if region == "RU" and len(digits) == 11 and digits[0] == "7" and not cleaned.startswith("+"):
        cleaned = f"+{cleaned.lstrip()}"
    try:
        parsed = phonenumbers.parse(cleaned, region)
    except phonenumbers.NumberParseException:
        return None
    if not phonenumbers.is_possible_number(parsed):
        return None
    return PhoneNumber(f"{parsed.country_code}{parsed.national_number}", parsed.extension or "")
