"""What we ask of the base where a company keeps its customers: whose number is this?"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

MOST_FOUND = 5
NAMES = ("last_name", "first_name", "middle_name", "company_name")
# What an answer is read for, by paths: where the list is, and of one customer in it the rest.
PATHS = ("list", "key", *NAMES, "phones", "emails", "url")


@dataclass(frozen=True, slots=True)
class OutsideCustomer:
    """A customer as that base knows him. key: what it calls him, never empty. facts: (label, value)."""

    key: str
    last_name: str = ""
    first_name: str = ""
    middle_name: str = ""
    company_name: str = ""
    phones: tuple[str, ...] = ()
    emails: tuple[str, ...] = ()
    facts: tuple[tuple[str, str], ...] = ()
    url: str = ""

    @property
    def name(self) -> str:
        parts = (self.last_name, self.first_name, self.middle_name)
        return " ".join(part for part in parts if part) or self.company_name


@dataclass(frozen=True, slots=True)
class SourceSettings:
    """url: with {phone} where the digits go. header: `Name: text`, {secret} in it is replaced; "" for none.

    paths: of `PATHS`, those that the answer has. facts: (label, path).
    """

    url: str
    header: str = ""
    secret: str = field(default="", repr=False)
    paths: Mapping[str, str] = field(default_factory=dict)
    facts: Sequence[tuple[str, str]] = ()


class CustomerSource(Protocol):
    def find_by_phone(self, digits: str) -> Sequence[OutsideCustomer]:
        """Those who have the number, MOST_FOUND at most. digits: E.164 without the plus.

        Raises TryLater when the base does not answer in time, refuses, or says what cannot be read.
        """
