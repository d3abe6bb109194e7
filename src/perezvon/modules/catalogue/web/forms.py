"""What the short forms of the catalogue have in common."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy

from perezvon.foundation.fields.field import Field
from perezvon.foundation.fields.forms import card_sections, form_groups, typed_of
from perezvon.foundation.fields.web.small_forms import Asked, FormPage, More, draw
from perezvon.foundation.fields.words import problem_words
from perezvon.kernel.checks import Wrong
from perezvon.modules.catalogue import services

NAMES = {"ru": lazy("Name in Russian"), "en": lazy("Name in English")}

type Save = Callable[[Mapping[str, str], dict[str, str]], object]


def answer(request: HttpRequest, page: FormPage, first: Mapping[str, str], save: Save) -> HttpResponse:
    """The form; what was sent is saved, or shown again with what is wrong at its field."""
    if request.method != "POST":
        return draw(request, page, first, {})
    given = {name: str(value) for name, value in request.POST.items()}
    errors: dict[str, str] = {}
    try:
        save(given, errors)
    except services.FieldsWrong as wrong:
        problems: dict[str, Wrong] = dict(wrong.facts["problems"])  # type: ignore[call-overload]
        errors |= {name: problem_words(one.code, one.facts) for name, one in problems.items()}
    return draw(request, page, given, errors) if errors else HttpResponseRedirect(f"{page.back_url}?saved")


def names(name: Mapping[str, str]) -> dict[str, str]:
    return {f"name_{code}": name.get(code, "") for code in NAMES}


def typed_names(given: Mapping[str, str]) -> dict[str, str]:
    return {code: given.get(f"name_{code}", "") for code in NAMES}


def asked_names() -> tuple[Asked, ...]:
    return tuple(Asked(f"name_{code}", label=label, required=code == "ru") for code, label in NAMES.items())


def own_groups(fields: Sequence[Field]) -> More:
    """The groups of an administrator's own fields."""
    return lambda given, errors: form_groups(fields, given, errors)


def own_facts(fields: Sequence[Field], custom: Mapping[str, Any]) -> list[dict[str, Any]]:
    """What of them may only be read here, as `FormPage.facts`."""
    return card_sections([one for one in fields if not one.is_editable], custom)


def typed_own(request: HttpRequest, fields: Sequence[Field]) -> dict[str, str]:
    return typed_of(request.POST, fields, whole=True)


def asked_code() -> Asked:
    return Asked(
        "code", label=_("Code"), required=True, hint=_("Small Latin letters; it stays: blueprints and imports name it.")
    )
