"""Templates: written, tried on a real record, published, taken back."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any
from uuid import UUID

from django.core.files.uploadedfile import UploadedFile
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from perezvon.foundation import clock
from perezvon.foundation.access import Person
from perezvon.foundation.fields.web.small_forms import typed_key
from perezvon.foundation.files import store
from perezvon.foundation.people.selectors import list_projects
from perezvon.foundation.web.guard import needs, person_of
from perezvon.foundation.web.render import render_page
from perezvon.foundation.web.words import words_for
from perezvon.kernel.errors import NotFound, PerezvonError
from perezvon.modules.documents import making, paper, services
from perezvon.modules.documents.models import DocumentTemplate, Form, Language, Stage, TemplateVersion
from perezvon.modules.documents.registry import FieldOf, Subject, find_subject, source_of, sources
from perezvon.modules.documents.selectors import (
    MANAGE,
    draft_of,
    get_template,
    list_signers,
    versions_of,
)
from perezvon.modules.documents.services import FieldsWrong, TemplateWanted
from perezvon.modules.documents.values import groups_for
from perezvon.modules.documents.word import MOST_BYTES
from perezvon.modules.documents.words import words_of

LANGUAGES = ("ru", "en")
_UNPROCESSABLE = 422
_RECORDS = 8


@needs(MANAGE)
@require_http_methods(["GET", "POST"])
def new(request: HttpRequest) -> HttpResponse:
    """First for which records and in which form; then the template itself."""
    kind, form = request.GET.get("kind", ""), request.GET.get("form", "")
    if kind not in {one.kind for one in sources()} or form not in Form.values:
        context = {
            "steps": _steps(_("New template")),
            "kinds": [(one.kind, one.title) for one in sources()],
            "forms": Form.choices,
        }
        return render_page(request, "documents/template_new.html", context, part="workspace")
    return _write(request, DocumentTemplate(kind=kind, form=form), None)


@needs(MANAGE)
@require_http_methods(["GET", "POST"])
def template(request: HttpRequest, template_id: UUID) -> HttpResponse:
    """The draft, or what is in force, to be written anew."""
    found = get_template(template_id, by=person_of(request))
    return _write(request, found, _newest(found))


def _newest(found: DocumentTemplate) -> TemplateVersion | None:
    return draft_of(found) or found.versions.select_related("file").first()


def _write(request: HttpRequest, found: DocumentTemplate, newest: TemplateVersion | None) -> HttpResponse:
    by, now = person_of(request), clock.now()
    if request.method != "POST":
        return _form(request, found, newest, _first(found, newest), {})
    given = {name: str(value) for name, value in request.POST.items()}
    try:
        wanted = _wanted(request, found, given)
        saved = _save(found, newest, wanted, given, by, now)
    except FieldsWrong as wrong:
        return _form(request, found, newest, given, words_of(wrong))
    except store.TooLarge as wrong:
        return _form(request, found, newest, given, {"word": words_for(wrong)})
    if "publish" in given:
        draft = draft_of(saved)
        services.publish_template(template_id=saved.pk, number=draft.number if draft else 0, by=by, now=now)
    told = "published" if "publish" in given else "saved"
    return HttpResponseRedirect(f"{reverse('documents:template', args=[saved.pk])}?{told}")


def _save(
    found: DocumentTemplate, newest: TemplateVersion | None, wanted: TemplateWanted, given: Mapping[str, str],
    by: Person, now: datetime,
) -> DocumentTemplate:  # fmt: skip
    if newest is None:
        return services.write_template(wanted=wanted, by=by, now=now)
    version = typed_key(given, "version") or 0
    return services.change_template(template_id=found.pk, version=version, wanted=wanted, by=by, now=now)


def _first(found: DocumentTemplate, newest: TemplateVersion | None) -> dict[str, str]:
    return {
        "code": found.code,
        "category": found.category,
        "language": found.language,
        "project": str(found.project_id or ""),
        "signed": "on" if found.is_signed else "",
        "body": newest.body if newest else "",
        "version": str(found.version),
        **{f"name_{code}": found.name.get(code, "") for code in LANGUAGES},
    }


def _wanted(request: HttpRequest, found: DocumentTemplate, given: Mapping[str, str]) -> TemplateWanted:
    sent = request.FILES.get("word")
    wanted = TemplateWanted(
        code=given.get("code", "").strip(),
        kind=found.kind,
        form=found.form,
        name={code: given.get(f"name_{code}", "") for code in LANGUAGES},
        language=given.get("language", ""),
        category=given.get("category", ""),
        project_id=typed_key(given, "project"),
        is_signed="signed" in given,
        body=given.get("body", ""),
    )
    if not isinstance(sent, UploadedFile) or not sent.size:
        return wanted
    content = store.put(sent.chunks(), most=MOST_BYTES)
    return replace(wanted, word=content, word_name=sent.name or "template.docx")


def _form(
    request: HttpRequest, found: DocumentTemplate, newest: TemplateVersion | None, given: Mapping[str, str],
    errors: Mapping[str, str],
) -> HttpResponse:  # fmt: skip
    by = person_of(request)
    title = str(found) if newest else _("New template")
    context = {
        "template": found if newest else None,
        "newest": newest,
        "title": title,
        "kind": found.kind,
        "source": source_of(found.kind).title,
        "is_word": found.form == Form.WORD,
        "steps": _steps(title),
        "given": given,
        "errors": errors,
        "languages": Language.choices,
        "names": [
            {
                "name": f"name_{code}",
                "label": _("Title in Russian") if code == "ru" else _("Title in English"),
                "value": given.get(f"name_{code}", ""),
                "error": errors.get("name", "") if code == "ru" else "",
            }
            for code in LANGUAGES
        ],
        "problems": [{"field": "name_ru" if name == "name" else name, "label": _label(name)} for name in errors],
        "projects": [("", _("all")), *((str(one.pk), str(one)) for one in list_projects(by=by))],
        "groups": picker(found.kind, word=found.form == Form.WORD),
        "post_url": request.get_full_path() if newest is None else reverse("documents:template", args=[found.pk]),
        "saved": "saved" in request.GET,
        "published": "published" in request.GET,
        "now": clock.now(),
    }
    return render_page(
        request, "documents/template.html", context, part="workspace", status=_UNPROCESSABLE if errors else 200
    )


def _label(name: str) -> str:
    labels: dict[str, Callable[[], str]] = {
        "code": lambda: _("Code"),
        "name": lambda: _("Title"),
        "category": lambda: _("Category"),
        "language": lambda: _("Language"),
        "project": lambda: _("Project"),
        "body": lambda: _("Text"),
        "word": lambda: _("Word file"),
    }
    return labels[name]() if name in labels else name


def _steps(here: str) -> list[dict[str, str]]:
    return [
        {"label": _("Administration"), "url": reverse("administration:home")},
        {"label": _("Templates of documents"), "url": reverse("documents:templates")},
        {"label": here, "url": ""},
    ]


# --- the fields that there are ---


def picker(kind: str, *, word: bool) -> list[dict[str, Any]]:
    """Groups of fields as documents/_fields.html takes them. words: what the search looks in."""
    return [
        {
            "title": str(group.title),
            "rows": [row for one in group.fields for row in _rows(group.name, one, word)],
        }
        for group in groups_for(kind)
        if group.fields
    ]


def _rows(above: str, one: FieldOf, word: bool) -> list[dict[str, str]]:
    if not one.rows:
        return [_row(str(one.title), f"{{{{ {above}.{one.name} }}}}")]
    # In Word a loop that goes round rows of a table says so; on a page a paragraph or a row to itself is enough.
    begin, end = ("{%tr", "{%tr endfor %}") if word else ("{%", "{% endfor %}")
    loop = f"{begin} for row in {above}.{one.name} %}}"
    title = str(one.title)
    inside = [_row(f"{title}: {inner.title}", f"{{{{ row.{inner.name} }}}}") for inner in one.rows]
    return [
        _row(_("{list}: begin of the rows").format(list=title), loop),
        *inside,
        _row(_("{list}: end of the rows").format(list=title), end),
    ]


def _row(title: str, place: str) -> dict[str, str]:
    return {"title": title, "place": place, "words": f"{title} {place}".lower()}


# --- how it comes out ---


@needs(MANAGE)
@require_POST
def look(request: HttpRequest) -> HttpResponse:
    """What is being written, with an example in each place; asked while one types."""
    found = DocumentTemplate(
        kind=request.GET.get("kind", ""),
        form=Form.PAGE,
        code="look",
        language=request.POST.get("language", "ru"),
        is_signed="signed" in request.POST,
        name={"ru": request.POST.get("name_ru", "")},
    )
    source_of(found.kind)
    body = paper.clean(request.POST.get("body", "")[: services.LONGEST_BODY])
    return render(request, "documents/_preview.html", _sample(TemplateVersion(template=found, body=body)))


def _sample(version: TemplateVersion) -> dict[str, Any]:
    problem, html = "", ""
    try:
        html = making.sample(version).html
    except PerezvonError as error:
        problem = words_for(error)
    return {"html": html, "problem": problem, "pdf_url": "", "is_word": False}


@needs(MANAGE)
@require_GET
def trial(request: HttpRequest, template_id: UUID) -> HttpResponse:
    """The draft, or what is in force, on a real record: the newest one, or one that is looked for."""
    by, now = person_of(request), clock.now()
    found = get_template(template_id, by=by)
    source = source_of(found.kind)
    asked, key = request.GET.get("q", "").strip(), request.GET.get("record", "")
    may_see = by.may(source.needs)
    records = list(source.search(asked, by, _RECORDS)) if may_see else []
    subject = _subject(found.kind, key, records, by) if may_see else None
    version = _newest(found)
    context = {
        "template": found,
        "steps": [
            *_steps("")[:2],
            {"label": str(found), "url": reverse("documents:template", args=[found.pk])},
            {"label": _("On a real record"), "url": ""},
        ],
        "asked": asked,
        "records": [
            {"key": str(one.key), "title": one.title, "client": one.client, "chosen": one == subject} for one in records
        ],
        "subject": subject,
        "may_see": may_see,
        "version": version,
        **(_shown(version, subject, by, now) if subject and version else {"html": "", "problem": ""}),
    }
    return render_page(request, "documents/trial.html", context, part="workspace")


def _subject(kind: str, key: str, records: Sequence[Subject], by: Person) -> Subject | None:
    try:
        return find_subject(kind, UUID(key), by=by) if key else next(iter(records), None)
    except (ValueError, NotFound):
        return None


def _shown(version: TemplateVersion, subject: Subject, by: Person, now: datetime) -> dict[str, Any]:
    signer = next(iter(list_signers(subject)), None)
    try:
        filled = making.filled(version, subject, signer=signer, by=by, now=now)
    except PerezvonError as error:
        return {"html": "", "problem": words_for(error), "pdf_url": "", "is_word": False}
    return {"html": filled.html, "problem": "", "pdf_url": "", "is_word": bool(filled.word)}


# --- versions ---


@needs(MANAGE)
@require_GET
def versions(request: HttpRequest, template_id: UUID) -> HttpResponse:
    """All that it ever said."""
    found = get_template(template_id, by=person_of(request))
    context = {
        "template": found,
        "versions": versions_of(found),
        "steps": [
            *_steps("")[:2],
            {"label": str(found), "url": reverse("documents:template", args=[found.pk])},
            {"label": _("Versions"), "url": ""},
        ],
        "in_force": Stage.IN_FORCE,
        "now": clock.now(),
    }
    return render_page(request, "documents/versions.html", context, part="workspace")


@needs(MANAGE)
@require_POST
def act(request: HttpRequest, template_id: UUID, act: str) -> HttpResponse:
    """publish, back (to an earlier version), on, off."""
    by, now, number = person_of(request), clock.now(), typed_key(request.POST, "number") or 0
    acts: dict[str, Callable[[], object]] = {
        "publish": lambda: services.publish_template(template_id=template_id, number=number, by=by, now=now),
        "back": lambda: services.restore_version(template_id=template_id, number=number, by=by, now=now),
        "on": lambda: services.switch_template(template_id=template_id, is_active=True, by=by, now=now),
        "off": lambda: services.switch_template(template_id=template_id, is_active=False, by=by, now=now),
    }
    if act not in acts:
        raise NotFound(act=act)
    acts[act]()
    told = "published" if act == "publish" else "saved"
    return HttpResponseRedirect(f"{reverse('documents:template', args=[template_id])}?{told}")
