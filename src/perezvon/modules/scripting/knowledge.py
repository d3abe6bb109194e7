"""What scenarios may speak of besides what they ask themselves: facts of the customer and the contact."""

from __future__ import annotations

from perezvon.foundation.conditions.terms import Term, Terms

_terms: dict[str, Term] = {}


def register_term(term: Term) -> None:
    """A fact that a run knows from outside. The same code twice is a mistake of the programmer."""
    if _terms.setdefault(term.code, term) is not term:
        raise ValueError(f"the term {term.code} is registered twice")


def terms() -> Terms:
    return dict(_terms)
