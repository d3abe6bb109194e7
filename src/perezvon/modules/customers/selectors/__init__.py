"""Reading customers: one by id, by telephone number, by whatever an operator knows of him."""

from perezvon.modules.customers.selectors.journal import JournalEntry, list_journal
from perezvon.modules.customers.selectors.listing import list_customers
from perezvon.modules.customers.selectors.masks import MASKED_FIELDS, mask, shown
from perezvon.modules.customers.selectors.phones import Match, Matches, find_by_phone, find_only_customer
from perezvon.modules.customers.selectors.reading import (
    NoSuchCustomer,
    code_word_fits,
    find_quasi,
    get_customer,
    get_customer_with_details,
    list_products,
)
from perezvon.modules.customers.selectors.review import Review, editable_values, review_changes, review_registration
from perezvon.modules.customers.selectors.search import (
    DEFAULT_FIELDS,
    FIELDS,
    PAGE,
    Asked,
    Candidate,
    Candidates,
    owners_of_phone,
    search,
    search_fields,
    search_keys,
)

__all__ = [
    "DEFAULT_FIELDS",
    "FIELDS",
    "MASKED_FIELDS",
    "PAGE",
    "Asked",
    "Candidate",
    "Candidates",
    "JournalEntry",
    "Match",
    "Matches",
    "NoSuchCustomer",
    "Review",
    "code_word_fits",
    "editable_values",
    "find_by_phone",
    "find_only_customer",
    "find_quasi",
    "get_customer",
    "get_customer_with_details",
    "list_customers",
    "list_journal",
    "list_products",
    "mask",
    "owners_of_phone",
    "review_changes",
    "review_registration",
    "search",
    "search_fields",
    "search_keys",
    "shown",
]
