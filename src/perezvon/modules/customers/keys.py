"""Keyed hashes, for what must be found or checked but never read back: card numbers, accounts, code words.

The key comes from the installation's secret, so that a stolen table cannot be tried out number by number. Whoever
changes the secret has to import cards and accounts again and to ask customers for new code words.
"""

from __future__ import annotations

from uuid import UUID

from django.utils.crypto import constant_time_compare, salted_hmac

from perezvon.foundation.search.words import words_of
from perezvon.kernel.checks import digits_of


def product_key(number: str) -> str:
    """The key of a card or an account, by its digits alone."""
    return _hash("perezvon.customers.product", digits_of(number))


def code_word_key(customer_id: UUID, word: str) -> str:
    """The key of a customer's code word: another one for each customer. Case and blanks are nothing."""
    return _hash("perezvon.customers.code_word", f"{customer_id}:{''.join(words_of(word))}")


def value_mark(customer_id: UUID, name: str, value: object) -> str:
    """What a form remembers of a field's value, so that it can tell later whether somebody changed it meanwhile."""
    return _hash("perezvon.customers.value", f"{customer_id}:{name}:{value!r}")[:12]


def address_hash(address: str) -> str:
    """A number or mailbox that must not be contacted, of somebody whose data were erased: known again, not read."""
    return f"#{_hash('perezvon.customers.address', address)}"


def is_code_word(customer_id: UUID, said: str, key: str) -> bool:
    """Whether `said` is the word behind `key`. An empty word never is."""
    return bool(key and words_of(said)) and constant_time_compare(code_word_key(customer_id, said), key)


def _hash(purpose: str, value: str) -> str:
    return salted_hmac(purpose, value, algorithm="sha256").hexdigest()
