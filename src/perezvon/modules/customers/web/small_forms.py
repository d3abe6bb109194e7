"""Short forms of this module: labels and problems in its own words."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import date

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _

from perezvon.foundation.fields.web import small_forms
from perezvon.foundation.fields.web.small_forms import Asked, FormPage
from perezvon.kernel import checks
from perezvon.kernel.checks import Wrong
from perezvon.modules.customers.models import Customer
from perezvon.modules.customers.services import FieldsWrong
from perezvon.modules.customers.values import Problem
from perezvon.modules.customers.web.words import field_name, problem_words

__all__ = ["Asked", "FormPage", "answer", "card_steps", "day_of", "draw", "must_be_right"]

type Save = Callable[[Mapping[str, str], dict[str, Problem]], object]


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


def answer(request: HttpRequest, page: FormPage, first: Mapping[str, str], save: Save) -> HttpResponse:
    """The form; what a POST says is saved, or the form comes back with what is wrong. first: what it begins with."""
    if request.method != "POST":
        return draw(request, page, first)
    given: dict[str, str] = {name: str(value) for name, value in request.POST.items()}
    problems: dict[str, Problem] = {}
    try:
        save(given, problems)
    except FieldsWrong as wrong:
        problems |= dict(wrong.facts["problems"])  # type: ignore[call-overload]
    return draw(request, page, given, problems) if problems else HttpResponseRedirect(f"{page.back_url}?saved")


def must_be_right(problems: Mapping[str, Problem]) -> None:
    """Raises FieldsWrong, after which `answer` draws the form with these problems."""
    if problems:
        raise FieldsWrong(problems={})


def card_steps(customer: Customer, last: str) -> list[dict[str, str]]:
    """Where a page of a card stands, as in ui/breadcrumb.html (F30.10)."""
    return [
        {"label": _("Customers"), "url": reverse("customers:list")},
        {"label": customer.short_name, "url": reverse("customers:card", args=[customer.pk])},
        {"label": last, "url": ""},
    ]
