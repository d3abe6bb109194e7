"""Making a document for a record, and what was made: seen, downloaded, sent."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from itertools import groupby
from typing import Any
from urllib.parse import urlencode
from uuid import UUID, uuid4

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.http import content_disposition_header
from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy
from django.utils.translation import override, pgettext
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from perezvon.foundation import clock
from perezvon.foundation.access import Person
from perezvon.foundation.commands.services import intent
from perezvon.foundation.fields.web.small_forms import typed_key
from perezvon.foundation.files.selectors import VIEW as FILES
from perezvon.foundation.files.services import open_file
from perezvon.foundation.files.web.preview import look_at
from perezvon.foundation.messages.models import Message
from perezvon.foundation.messages.selectors import SEND
from perezvon.foundation.messages.services import MayNotSend, MessageWrong
from perezvon.foundation.people.models import User
from perezvon.foundation.web.guard import needs, person_of
from perezvon.foundation.web.intents import command_id_of
from perezvon.foundation.web.render import is_swap, render_page
from perezvon.foundation.web.words import words_for
from perezvon.kernel.errors import NotFound, PerezvonError, Refused
from perezvon.kernel.ids import uuid7
from perezvon.modules.documents import making, services
from perezvon.modules.documents.models import Document, DocumentTemplate, Form
from perezvon.modules.documents.registry import Subject, find_subject
from perezvon.modules.documents.selectors import (
    MAKE,
    VIEW,
    NoSuchTemplate,
    get_document,
    get_usable,
    list_signers,
    list_usable,
    open_document,
    opens,
)
from perezvon.modules.documents.services import DocumentWanted, FileGone, Letter

_PREVIEW = "document-preview"
_UNPROCESSABLE = 422
_INERT = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"


# --- making one ---


@needs(MAKE)
@require_http_methods(["GET", "POST"])
def make(request: HttpRequest, kind: str, record_id: UUID) -> HttpResponse:
    """Choose a template, see how it comes out, make it. A swap of the preview alone while one chooses."""
    by, now = person_of(request), clock.now()
    subject = find_subject(kind, record_id, by=by)
    if request.method == "POST":
        return _made(request, subject, by, now)
    given = {name: str(value) for name, value in request.GET.items()}
    if is_swap(request) and request.headers.get("HX-Target", "") == _PREVIEW:
        return render(request, "documents/_preview.html", _preview(subject, given, by, now))
    return _making(request, subject, given, by, now)


def _made(request: HttpRequest, subject: Subject, by: Person, now: datetime) -> HttpResponse:
    given = {name: str(value) for name, value in request.POST.items()}
    template_id, key = _uuid(given.get("template", "")), _uuid(given.get("key", ""))
    if template_id is None or key is None:
        raise NoSuchTemplate(template=given.get("template", ""))
    wanted = DocumentWanted(key, template_id, subject.kind, subject.key, typed_key(given, "signer"))
    try:
        made = services.make_document(wanted, by=by, now=now)
    except Refused as refused:
        return _making(request, subject, given, by, now, words_for(refused))
    return HttpResponseRedirect(f"{reverse('documents:document', args=[made.pk])}?made")


def _making(
    request: HttpRequest, subject: Subject, given: dict[str, str], by: Person, now: datetime, refusal: str = ""
) -> HttpResponse:
    usable = list_usable(subject, by=by)
    chosen = given.get("template") or (str(usable[0].pk) if usable else "")
    signers = list_signers(subject)
    given = {**given, "template": chosen, "signer": given.get("signer", _usual_signer(signers, by))}
    context = {
        "subject": subject,
        "steps": [{"label": subject.title, "url": subject.url}, {"label": _("New document"), "url": ""}],
        "groups": _grouped(usable, chosen),
        "signers": [("", _("nobody")), *((str(one.pk), _signs(one)) for one in signers)],
        "signer": given["signer"],
        "key": given.get("key") or str(uuid7(now)),
        "post_url": reverse("documents:make", args=[subject.kind, subject.key]),
        "refusal": refusal,
        **(_preview(subject, given, by, now) if usable else {}),
    }
    status = _UNPROCESSABLE if refusal else 200
    return render_page(request, "documents/make.html", context, part="workspace", status=status)


def _usual_signer(signers: Sequence[User], by: Person) -> str:
    return str(by.id) if any(one.pk == by.id for one in signers) else str(signers[0].pk) if signers else ""


def _signs(user: User) -> str:
    return f"{user.full_name}, {user.position}"


def _grouped(usable: Sequence[DocumentTemplate], chosen: str) -> list[dict[str, Any]]:
    rows = sorted(usable, key=lambda one: one.category)  # stable: the customer's language stays first
    return [
        {
            "title": category,
            "rows": [
                {
                    "id": str(one.pk),
                    "label": str(one),
                    "form": "Word" if one.form == Form.WORD else "PDF",
                    "language": str(one.get_language_display()),
                    "chosen": str(one.pk) == chosen,
                }
                for one in found
            ],
        }
        for category, found in groupby(rows, key=lambda one: one.category)
    ]


def _preview(subject: Subject, given: dict[str, str], by: Person, now: datetime) -> dict[str, Any]:
    """As documents/_preview.html takes it: what comes out, or why nothing does."""
    try:
        filled = _filled(subject, given, by, now)
    except PerezvonError as error:
        return {"html": "", "problem": words_for(error), "pdf_url": "", "is_word": False}
    query = urlencode({name: given.get(name, "") for name in ("template", "signer")})
    url = f"{reverse('documents:pdf', args=[subject.kind, subject.key])}?{query}"
    return {"html": filled.html, "problem": "", "pdf_url": "" if filled.word else url, "is_word": bool(filled.word)}


def _filled(subject: Subject, given: dict[str, str], by: Person, now: datetime) -> making.Filled:
    template_id = _uuid(given.get("template", ""))
    if template_id is None:
        raise NoSuchTemplate(template=given.get("template", ""))
    version = services.version_in_force(get_usable(template_id, subject, by=by))
    signer = services.signer_of(typed_key(given, "signer"), subject)
    return making.filled(version, subject, signer=signer, by=by, now=now)


@needs(MAKE)
@require_GET
def pdf(request: HttpRequest, kind: str, record_id: UUID) -> HttpResponse:
    """How the page would be printed, without a number; nothing is kept of it."""
    by, now = person_of(request), clock.now()
    subject = find_subject(kind, record_id, by=by)
    filled = _filled(subject, {name: str(value) for name, value in request.GET.items()}, by, now)
    content = making.content_of(filled, code=making.UNNUMBERED, language=subject.language)
    return shown_pdf(content, f"{filled.title}.pdf")


def shown_pdf(content: bytes, name: str) -> HttpResponse:
    """In the browser itself. We made it, so there is no script in it."""
    response = HttpResponse(content, content_type="application/pdf")
    response["Content-Disposition"] = content_disposition_header(as_attachment=False, filename=name) or ""
    response["Content-Security-Policy"] = _INERT
    response["Cache-Control"] = "private, no-store"
    return response


def _uuid(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None


# --- what was made ---


@needs(VIEW)
@require_GET
def document(request: HttpRequest, document_id: UUID) -> HttpResponse:
    """What it is, what it says, where it went."""
    return _page(request, get_document(document_id, by=person_of(request)), {}, "")


def _page(request: HttpRequest, found: Document, given: dict[str, str], refusal: str) -> HttpResponse:
    by, now = person_of(request), clock.now()
    subject = find_subject(found.kind, found.record, by=by)
    opened = opens(found, by=by)
    reads = by.may(FILES) and found.file is not None and opened
    sends = by.may(MAKE) and by.may(SEND) and found.file is not None and opened
    context = {
        "document": found,
        "subject": subject,
        "heading": str(found),
        "steps": [{"label": subject.title, "url": subject.url}, {"label": str(found), "url": ""}],
        "facts": _facts(found, subject),
        "shown": look_at(found.file) if reads and found.file else None,
        "is_closed": not opened,
        "is_pdf": found.file is not None and found.file.name.endswith(".pdf"),
        "may_read": reads,
        "letter": (given or _letter(found, subject)) if sends else None,
        "command_id": uuid4(),
        "to_hint": "" if subject.email else _("No mailbox of the customer is known."),
        "sent": _sent(found),
        "again_url": reverse("documents:make", args=[found.kind, found.record]) if by.may(MAKE) else "",
        "said": next((text for name, text in _SAID.items() if name in request.GET), ""),
        "refusal": refusal,
        "now": now,
    }
    status = _UNPROCESSABLE if refusal else 200
    return render_page(request, "documents/document.html", context, part="workspace", status=status)


# What has just been done, by the word in the address.
_SAID = {"made": lazy("The document is made."), "sent": lazy("The letter is handed over for sending.")}


def _facts(found: Document, subject: Subject) -> list[dict[str, Any]]:
    made = date_format(localtime(found.made_at), "SHORT_DATETIME_FORMAT")
    version = _("{template}, version {number}").format(template=found.template, number=found.made_of.number)
    rows = [
        {"label": _("Number"), "value": found.code, "kind": "number"},
        {"label": pgettext("document", "About"), "value": subject.title},
        {"label": _("Customer"), "value": found.client},
        {"label": _("Template"), "value": version},
        {"label": _("Made on"), "value": made, "kind": "number"},
        {"label": _("Made by"), "value": found.made_by.full_name if found.made_by else ""},
        {"label": _("Signed by"), "value": found.signer.full_name if found.signer else ""},
        {"label": _("Project"), "value": str(found.project or "")},
    ]
    return [row for row in rows if row["value"]]


def _letter(found: Document, subject: Subject) -> dict[str, str]:
    """What stands in the form at first, in the customer's language."""
    with override(subject.language):
        text = _("Please find the document “{title}” attached.").format(title=found.title)
    return {"to": subject.email, "subject": str(found), "text": text}


def _sent(found: Document) -> dict[str, Any] | None:
    message = Message.objects.filter(pk=found.message).first() if found.message else None
    if message is None:
        return None
    return {"to": message.to, "at": message.created_at, "state": str(message.get_state_display()), "tone": message.tone}


@needs(VIEW)
@require_GET
def look(request: HttpRequest, document_id: UUID) -> HttpResponse:
    """A PDF in the browser; that it was read is kept, as of every file."""
    by = person_of(request)
    found = open_document(document_id, by=by)
    if found.file is None or not found.file.name.endswith(".pdf"):
        raise FileGone(document=document_id)
    file, path = open_file(file_id=found.file.pk, by=by, now=clock.now())
    if not path.exists():
        raise NotFound(file=file.pk)
    return shown_pdf(path.read_bytes(), file.name)


@needs(MAKE)
@require_POST
def send(request: HttpRequest, document_id: UUID) -> HttpResponse:
    """By e-mail, with the document attached."""
    by = person_of(request)
    given = {name: str(request.POST.get(name, "")) for name in ("to", "subject", "text")}
    letter = Letter(given["to"], given["subject"], given["text"].replace("\r\n", "\n"))
    try:
        with intent(command_id_of(request)):
            services.send_document(document_id=document_id, letter=letter, by=by, now=clock.now())
    except (MessageWrong, MayNotSend, services.NoAddress, FileGone) as refused:
        return _page(request, get_document(document_id, by=by), given, words_for(refused))
    return HttpResponseRedirect(f"{reverse('documents:document', args=[document_id])}?sent")
