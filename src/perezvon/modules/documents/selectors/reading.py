"""Reading templates, and documents that were made. Whoever sees a record sees the documents about it."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from django.db.models import Exists, OuterRef, Q, QuerySet

from perezvon.foundation.access import Actor
from perezvon.foundation.people.models import User
from perezvon.kernel.errors import NotFound, Refused
from perezvon.modules.documents.models import Document, DocumentTemplate, Stage, TemplateVersion
from perezvon.modules.documents.registry import Source, Subject, find_subject, source_of, sources

VIEW, MAKE, MANAGE = "documents.view", "documents.make", "documents.manage"
MOST = 50


class NoSuchTemplate(NotFound):
    code = "documents.no_such_template"


class NoSuchDocument(NotFound):
    code = "documents.no_such_document"


class ClosedDocument(Refused):
    """It says what is read only by those who may, once the customer is identified."""

    code = "documents.closed"
    http_status = 403


# --- templates ---


def visible_templates(by: Actor) -> QuerySet[DocumentTemplate]:
    """Of the projects that the actor sees, and of all; for whoever writes them."""
    by.must(MANAGE)
    return _of_projects(by).select_related("project", "current")


def _of_projects(by: Actor) -> QuerySet[DocumentTemplate]:
    found = DocumentTemplate.objects.all()
    return found if by.projects is None else found.filter(Q(project=None) | Q(project__in=by.projects))


def get_template(template_id: UUID, *, by: Actor) -> DocumentTemplate:
    """Raises NoSuchTemplate."""
    found = visible_templates(by).filter(pk=template_id).first()
    if found is None:
        raise NoSuchTemplate(template=template_id)
    return found


def draft_of(template: DocumentTemplate) -> TemplateVersion | None:
    return template.versions.filter(state=Stage.DRAFT).select_related("file").first()


def versions_of(template: DocumentTemplate) -> list[TemplateVersion]:
    """The newest first. One query."""
    return list(template.versions.select_related("author", "published_by", "file"))


def list_usable(subject: Subject, *, by: Actor) -> list[DocumentTemplate]:
    """Templates in force for such a record, those in its language first. One query."""
    found = _of_projects(by).filter(kind=subject.kind, is_active=True, current__isnull=False)
    found = found.filter(Q(project=None) | Q(project=subject.project_id)).select_related("current__file", "project")
    return sorted(found, key=lambda one: (one.language != subject.language, one.category, str(one).lower()))


def get_usable(template_id: UUID, subject: Subject, *, by: Actor) -> DocumentTemplate:
    """Raises NoSuchTemplate."""
    found = next((one for one in list_usable(subject, by=by) if one.pk == template_id), None)
    if found is None:
        raise NoSuchTemplate(template=template_id)
    return found


def list_signers(subject: Subject) -> list[User]:
    """Who may sign: people of the project, or all where there is none, who have a post. One query."""
    found = User.objects.filter(is_active=True).exclude(position="")
    if subject.project_id is not None:
        found = found.filter(Q(projects=subject.project_id) | Q(role__all_projects=True))
    return list(found.distinct().order_by("last_name", "first_name", "pk"))


# --- documents ---


def visible(by: Actor) -> QuerySet[Document]:
    """Those about records that the actor sees."""
    by.must(VIEW)
    seen = Q(pk__in=())
    for source in _open_sources(by):
        # Asked row by row: a list of all customers would be made for the three documents of one.
        seen |= Q(Exists(source.keys(by).filter(pk=OuterRef("record"))), kind=source.kind)
    return Document.objects.filter(seen)


def _open_sources(by: Actor) -> list[Source]:
    return [source for source in sources() if by.may(source.needs)]


def get_document(document_id: UUID, *, by: Actor) -> Document:
    """Raises NoSuchDocument, also when its record is closed to the actor."""
    by.must(VIEW)
    related = ("template", "made_of", "project", "signer", "made_by", "file")
    found = Document.objects.filter(pk=document_id).select_related(*related).first()
    if found is None or not _sees(found, by):
        raise NoSuchDocument(document=document_id)
    return found


def opens(document: Document, *, by: Actor) -> bool:
    """Whether somebody who sees a document may read it."""
    if not document.is_closed or document.customer is None:
        return True
    return source_of(document.kind).opens(document.customer, by)


def open_document(document_id: UUID, *, by: Actor) -> Document:
    """To read it or to send it. Raises NoSuchDocument, ClosedDocument."""
    found = get_document(document_id, by=by)
    if not opens(found, by=by):
        raise ClosedDocument(document=document_id)
    return found


def _sees(document: Document, by: Actor) -> bool:
    try:
        find_subject(document.kind, document.record, by=by)
    except NotFound:
        return False
    return by.may(source_of(document.kind).needs)


def documents_about(kind: str, record: UUID, *, by: Actor) -> list[Document]:
    """About one record, whose reader the caller has asked; the newest first. One query."""
    if not by.may(VIEW):
        return []
    found = Document.objects.filter(kind=kind, record=record)
    return list(found.select_related("template", "made_by", "file")[:MOST])


def documents_of_customer(customer: UUID, *, by: Actor) -> list[Document]:
    """About him and about all of his that the actor sees; the newest first. One query."""
    if not by.may(VIEW):
        return []
    found = visible(by).filter(customer=customer)
    return list(found.select_related("template", "made_by", "file").order_by("-made_at", "-id")[:MOST])


def documents_in(contact: UUID, *, by: Actor) -> Sequence[Document]:
    """Made in a contact, about it or about what it led to. One query."""
    if not by.may(VIEW):
        return []
    found = visible(by).filter(contact=contact)
    return list(found.select_related("template", "made_by", "file").order_by("-made_at", "-id")[:MOST])


def find_documents(text: str, *, by: Actor) -> list[Document]:
    """The one whose number somebody typed. One query, or none."""
    digits = text.strip().lstrip("\u2116#").strip()
    if not (digits.isascii() and digits.isdecimal() and len(digits) < 12):
        return []
    return list(visible(by).filter(number=int(digits)))
