"""Short forms of this module: labels and problems in its own words."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date

from django.http import HttpRequest, HttpResponse

from perezvon.foundation.fields.web import small_forms
from perezvon.foundation.fields.web.small_forms import Asked, FormPage
from perezvon.kernel import checks
from perezvon.kernel.checks import Wrong
from perezvon.modules.customers.values import Problem
from perezvon.modules.customers.web.words import field_name, problem_words

__all__ = ["Asked", "FormPage", "day_of", "draw"]


def draw(
    request: HttpRequest, page: FormPage, given: Mapping[str, str], problems: Mapping[str, Problem] | None = None
) -> HttpResponse:
    """The page with what was typed; 422 when something is wrong. Fields are called as `words.FIELDS` has them."""
    asked = [replace(one, label=one.label or field_name(one.name)) for one in page.asked]
    errors = {name: problem_words(problem) for name, problem in (problems or {}).items()}
    return small_forms.draw(request, replace(page, asked=asked), given, errors)


def day_of(given: Mapping[str, str], name: str, problems: dict[str, Problem]) -> date | None:
    """The day typed, None for nothing; what is no day is added to the problems."""
    text = given.get(name, "").strip()
    try:
        return checks.day(text) if text else None
    except Wrong as wrong:
        problems[name] = Problem(wrong.code, wrong.facts)
        return None
