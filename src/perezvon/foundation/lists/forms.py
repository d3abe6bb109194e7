"""What people do in the forms of a list, as the state that an address holds.

Fields: those of `foundation/conditions/forms.py` for the filter; c and cw.<code> for columns in order and their widths;
s.<place>.column, s.<place>.down for the order.
"""

from __future__ import annotations

from django.http import QueryDict

from perezvon.foundation.conditions.forms import is_given, read_form
from perezvon.foundation.lists.asked import MOST_SORTS


def state_of(given: QueryDict) -> dict[str, str]:
    """The state in the address, and what the forms change in it."""
    state = {name: str(given[name]) for name in given if "." not in name and name not in {"c", "edit"}}
    if is_given(given):
        state["where"] = read_form(given).text()
    if "c" in given:
        state["cols"] = ",".join(_column_text(given, code) for code in given.getlist("c"))
    if "s.0.column" in given:
        state["sort"] = ",".join(_sort_texts(given))
    return state


def is_form(given: QueryDict) -> bool:
    """It comes from a form, so its address is not yet the one to be kept."""
    return is_given(given) or "c" in given or "s.0.column" in given


def _column_text(given: QueryDict, code: str) -> str:
    width = given.get(f"cw.{code}", "")
    return f"{code}:{width}" if width.isdecimal() and len(width) < 5 else code


def _sort_texts(given: QueryDict) -> list[str]:
    chosen = [(given.get(f"s.{place}.column", ""), given.get(f"s.{place}.down", "")) for place in range(MOST_SORTS)]
    texts = {code: f"-{code}" if down else code for code, down in reversed(chosen) if code}
    return [texts[code] for code in dict.fromkeys(code for code, _ in chosen if code)]
