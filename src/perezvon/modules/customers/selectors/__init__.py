"""Reading customers: one by id, by telephone number, by whatever an operator knows of him."""

from perezvon.modules.customers.selectors.journal import JournalEntry, list_journal
from perezvon.modules.customers.selectors.masks import MASKED_FIELDS, mask, shown
from perezvon.modules.customers.selectors.phones import Match, Matches, find_by_phone, find_only_customer
from perezvon.modules.customers.selectors.reading import (
    NoSuchCustomer,
    code_word_fits,
    find_quasi,
    get_customer,
    list_products,
)
from perezvon.modules.customers.selectors.search import (
    DEFAULT_FIELDS,
    FIELDS,
    Asked,
    Candidate,
    Candidates,
    search,
    search_fields,
)

__all__ = [
    "DEFAULT_FIELDS",
    "FIELDS",
    "MASKED_FIELDS",
    "Asked",
    "Candidate",
    "Candidates",
    "JournalEntry",
    "Match",
    "Matches",
    "NoSuchCustomer",
    "code_word_fits",
    "find_by_phone",
    "find_only_customer",
    "find_quasi",
    "get_customer",
    "list_journal",
    "list_products",
    "mask",
    "search",
    "search_fields",
    "shown",
]
