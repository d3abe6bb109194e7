"""The pages on which an administrator adds fields to records (F01.01)."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from perezvon.foundation import clock
from perezvon.foundation.access import Person
from perezvon.foundation.fields import services
from perezvon.foundation.fields.field import Level
from perezvon.foundation.fields.forms import form_groups
from perezvon.foundation.fields.models import CustomField, FieldSection, Type
from perezvon.foundation.fields.registry import RecordKind, record_kind, record_kinds
from perezvon.foundation.fields.selectors import fields_for_role, get_field, get_section, level_of, list_sections
from perezvon.foundation.fields.services import FieldWrong, may_have
from perezvon.foundation.fields.web.asked import Asked, asked_of, new_asked
from perezvon.foundation.fields.web.words import (
    LANGUAGES,
    LEVELS,
    check_choices,
    currency_choices,
    region_choices,
)
from perezvon.foundation.fields.words import problem_words
from perezvon.foundation.people.models import Role
from perezvon.foundation.web.guard import needs, person_of
from perezvon.foundation.web.render import render_page
from perezvon.kernel.checks import Wrong
from perezvon.kernel.errors import NotFound

MANAGE = "fields.manage"
_UNPROCESSABLE = 422


@needs(MANAGE)
@require_GET
def fields(request: HttpRequest) -> HttpResponse:
    """The fields of one kind of records by section; with `role`, the form as people of this role see it."""
    return _list(request, _kind(request.GET.get("kind", "")), {})


def _kind(code: str) -> RecordKind:
    return record_kind(code) if code else record_kinds()[0]


def _list(request: HttpRequest, kind: RecordKind, problems: Mapping[str, Wrong], status: int = 200) -> HttpResponse:
    sections = list_sections(kind.code)
    roles = list(Role.objects.order_by("id"))
    names = {role.code: str(role) for role in roles}
    role = request.GET.get("role", "")
    context = {
        "kind": kind,
        "kinds": [{"label": one.label, "url": _url(one.code), "current": one is kind} for one in record_kinds()],
        "sections": [_section(section, kind, names) for section in sections],
        "new_section": _section_form(request, kind, problems),
        "roles": [(role.code, str(role)) for role in roles],
        "role": role,
        "preview": form_groups(fields_for_role(kind.code, role), {}, {}) if role in names else None,
        "page_url": _url(kind.code),
    }
    return render_page(request, "fields/fields.html", context, part="workspace", status=status)


def _section(section: FieldSection, kind: RecordKind, roles: Mapping[str, str]) -> dict[str, Any]:
    rows = list(section.fields.all())
    return {
        "section": section,
        "names": [{"code": code, "value": section.label.get(code, "")} for code in LANGUAGES],
        "add_url": f"{reverse('fields:new')}?kind={kind.code}&section={section.key}",
        "rows": [_row(row, kind, roles, row is rows[0], row is rows[-1]) for row in rows],
    }


def _row(row: CustomField, kind: RecordKind, roles: Mapping[str, str], is_first: bool, is_last: bool) -> dict[str, Any]:
    variants = dict(kind.variants())
    return {
        "field": row,
        "type": row.get_type_display(),
        "chips": list(_chips(row)),
        "variants": ", ".join(str(variants[code]) for code in row.variants if code in variants),
        "access": list(_limits(row, roles)),
        "is_first": is_first,
        "is_last": is_last,
    }


def _limits(row: CustomField, roles: Mapping[str, str]) -> Iterator[str]:
    levels = ((name, level_of(row.access, code)) for code, name in roles.items())
    return (f"{name}: {LEVELS[level]}" for name, level in levels if level != Level.EDITED)


def _chips(row: CustomField) -> list[dict[str, str]]:
    chips = [{"text": _("required"), "tone": "accent"}] if row.is_required else []
    if row.wants_index:
        tones = {CustomField.Index.WANTED: "warn", CustomField.Index.FAILED: "bad"}
        words = _("sorted and searched") if row.index_state == CustomField.Index.READY else ""
        text = words or row.get_index_state_display()
        chips.append({"text": str(text), "tone": tones.get(CustomField.Index(row.index_state), "good")})
    return chips if row.in_use else [*chips, {"text": _("out of use"), "tone": "warn"}]


# --- sections ---


def _section_form(request: HttpRequest, kind: RecordKind, problems: Mapping[str, Wrong]) -> dict[str, Any]:
    typed = request.POST if problems else {}
    return {
        "kind": kind.code,
        "key": typed.get("key", ""),
        "names": [{"code": code, "value": typed.get(f"label_{code}", "")} for code in LANGUAGES],
        "errors": _in_words(problems),
    }


@needs(MANAGE)
@require_POST
def section(request: HttpRequest) -> HttpResponse:
    """A new section, or with `old` another name for one."""
    kind = _kind(request.POST.get("kind", ""))
    label = {code: request.POST.get(f"label_{code}", "") for code in LANGUAGES}
    by, now = person_of(request), clock.now()
    try:
        if old := request.POST.get("old", ""):
            services.change_section(kind=kind.code, key=old, label=label, by=by, now=now)
        else:
            key = request.POST.get("key", "").strip()
            services.add_section(kind=kind.code, key=key, label=label, by=by, now=now)
    except FieldWrong as wrong:
        return _list(request, kind, _problems(wrong), status=_UNPROCESSABLE)
    return HttpResponseRedirect(_url(kind.code))


# --- one field ---


@needs(MANAGE)
@require_http_methods(["GET", "POST"])
def new(request: HttpRequest) -> HttpResponse:
    """First its type, then the rest."""
    given = request.POST if request.method == "POST" else request.GET
    kind = _kind(given.get("kind", ""))
    into = get_section(kind.code, given.get("section", ""))
    type_ = given.get("type", "")
    if type_ not in Type.values:
        return _types(request, kind, into)
    if request.method == "GET":
        return _form(request, None, new_asked(kind, type_, into.key), {})
    asked = asked_of(request.POST, kind, type_, key=request.POST.get("key", "").strip())
    by, now = person_of(request), clock.now()
    try:
        services.add_field(kind=kind.code, key=asked.key, type=type_, wanted=asked.wanted, by=by, now=now)
    except FieldWrong as wrong:
        return _form(request, None, asked, _problems(wrong), status=_UNPROCESSABLE)
    return HttpResponseRedirect(_url(kind.code))


def _types(request: HttpRequest, kind: RecordKind, into: FieldSection) -> HttpResponse:
    own = f"{reverse('fields:new')}?kind={kind.code}&section={into.key}"
    types = [{"label": label, "url": f"{own}&type={code}"} for code, label in Type.choices if may_have(kind, code)]
    context = {"kind": kind, "section": into, "types": types, "list_url": _url(kind.code)}
    return render_page(request, "fields/types.html", context, part="workspace")


@needs(MANAGE)
@require_http_methods(["GET", "POST"])
def change(request: HttpRequest, field_id: int) -> HttpResponse:
    row = get_field(field_id)
    kind = record_kind(row.kind)
    if request.method == "GET":
        return _form(request, row, Asked.of(row), {})
    asked = asked_of(request.POST, kind, row.type, key=row.key)
    version = request.POST.get("version", "")
    try:
        services.change_field(
            field_id=field_id,
            version=int(version) if version.isdecimal() else 0,
            wanted=asked.wanted,
            by=person_of(request),
            now=clock.now(),
        )
    except FieldWrong as wrong:
        return _form(request, row, asked, _problems(wrong), status=_UNPROCESSABLE)
    return HttpResponseRedirect(_url(kind.code))


def _form(
    request: HttpRequest, row: CustomField | None, asked: Asked, problems: Mapping[str, Wrong], status: int = 200
) -> HttpResponse:
    kind = record_kind(asked.kind)
    wanted = asked.wanted
    context = {
        "kind": kind,
        "field": row,
        "asked": asked,
        "type_label": Type(asked.type).label,
        "names": [{"code": code, "value": wanted.label.get(code, "")} for code in LANGUAGES],
        "sections": [(one.key, str(one)) for one in FieldSection.objects.filter(kind=kind.code)],
        "variants": [(code, label, code in wanted.variants) for code, label in kind.variants()],
        "options": wanted.options,
        "checks": check_choices(),
        "currencies": currency_choices(),
        "regions": region_choices(),
        "roles": [(code, name, wanted.access.get(code, level)) for code, name, level in _roles(row)],
        "levels": list(LEVELS.items()),
        "errors": _in_words(problems),
        "version": request.POST.get("version", row.version if row else ""),
        "list_url": _url(kind.code),
    }
    return render_page(request, "fields/field.html", context, part="workspace", status=status)


def _roles(row: CustomField | None) -> list[tuple[str, str, Level]]:
    """Code, name and level that it has now."""
    access = row.access if row else {}
    return [(role.code, str(role), level_of(access, role.code)) for role in Role.objects.order_by("id")]


# --- acts ---

type Act = Callable[[int, Person], CustomField]

_ACTS: dict[str, Act] = {
    "up": lambda field_id, by: services.move_field(field_id=field_id, places=-1, by=by, now=clock.now()),
    "down": lambda field_id, by: services.move_field(field_id=field_id, places=1, by=by, now=clock.now()),
    "withdraw": lambda field_id, by: services.withdraw_field(field_id=field_id, by=by, now=clock.now()),
    "restore": lambda field_id, by: services.restore_field(field_id=field_id, by=by, now=clock.now()),
}


@needs(MANAGE)
@require_POST
def act(request: HttpRequest, field_id: int, act: str) -> HttpResponse:
    """Up, down, withdraw or restore."""
    if act not in _ACTS:
        raise NotFound(act=act)
    return HttpResponseRedirect(_url(_ACTS[act](field_id, person_of(request)).kind))


def _url(kind: str) -> str:
    return f"{reverse('fields:fields')}?kind={kind}"


def _problems(wrong: FieldWrong) -> Mapping[str, Wrong]:
    return wrong.facts["problems"]  # type: ignore[return-value]


def _in_words(problems: Mapping[str, Wrong]) -> dict[str, str]:
    return {name: problem_words(wrong.code, wrong.facts) for name, wrong in problems.items()}
