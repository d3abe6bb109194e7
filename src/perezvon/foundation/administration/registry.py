"""Pages of the administration area. A module registers its own in `registrations.py`."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as lazy

from perezvon.foundation.access import Actor
from perezvon.foundation.search.finders import Hit


class Section(StrEnum):
    """Where a page stands. The order here is the order on the page."""

    PEOPLE = "people"
    DATA = "data"
    CALLS = "calls"
    SYSTEM = "system"


TITLES: dict[Section, Promise] = {
    Section.PEOPLE: lazy("People and rights"),
    Section.DATA: lazy("Cards, fields and lists"),
    Section.CALLS: lazy("Calls and work"),
    Section.SYSTEM: lazy("System"),
}


@dataclass(frozen=True, slots=True)
class AdminPage:
    """label, description: lazy texts, the second says in one sentence what one does there.

    right: who sees it, the same that guards the route. order: inside its section, from the top.
    """

    section: Section
    label: str | Promise
    description: str | Promise
    icon: str
    url_name: str
    right: str
    order: int = 100

    @property
    def url(self) -> str:
        return reverse(self.url_name)


_pages: dict[str, AdminPage] = {}


def register_admin_page(page: AdminPage) -> None:
    """Offer a page. The same address twice is a mistake of the programmer."""
    if _pages.setdefault(page.url_name, page) != page:
        raise ValueError(f"the administration page {page.url_name} is registered twice")


def pages_for(by: Actor) -> list[AdminPage]:
    """What somebody may open, section by section."""
    order = list(Section)
    mine = (page for page in _pages.values() if by.may(page.right))
    return sorted(mine, key=lambda page: (order.index(page.section), page.order, page.url_name))


def has_pages(by: Actor) -> bool:
    """Whether there is anything to administer for somebody."""
    return any(by.may(page.right) for page in _pages.values())


def hits(by: Actor) -> list[Hit]:
    """The pages somebody may open, as the palette shows them; each is found by its description too."""
    return [Hit(str(page.label), page.url, page.icon, str(page.description)) for page in pages_for(by)]
