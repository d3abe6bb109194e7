"""Writing templates; making documents of them and sending them. What was made is never changed."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import F, Max
from django.db.models.functions import Coalesce

from perezvon.foundation.access import Actor
from perezvon.foundation.commands.services import command
from perezvon.foundation.files import store
from perezvon.foundation.files.services import keep
from perezvon.foundation.files.store import Content
from perezvon.foundation.messages.models import Channel, Message
from perezvon.foundation.messages.selectors import SEND
from perezvon.foundation.messages.services import Draft, queue
from perezvon.foundation.numbering import next_number
from perezvon.foundation.outbox.services import publish
from perezvon.foundation.people.models import User
from perezvon.kernel.checks import Wrong
from perezvon.kernel.errors import NotFound, Refused
from perezvon.kernel.ids import uuid7
from perezvon.modules.documents import making, paper, word
from perezvon.modules.documents.events import DocumentMade, DocumentSent, TemplatePublished
from perezvon.modules.documents.filling import Problem, problems_in
from perezvon.modules.documents.models import (
    Document,
    DocumentTemplate,
    Form,
    Language,
    Stage,
    TemplateVersion,
)
from perezvon.modules.documents.registry import Sending, Subject, find_subject, source_of, sources
from perezvon.modules.documents.selectors import (
    MAKE,
    MANAGE,
    NoSuchTemplate,
    draft_of,
    get_document,
    get_usable,
    list_signers,
    open_document,
    visible_templates,
)

FILE, TEMPLATE_FILE = "document", "document_template"  # kinds of records whose files ours are
CUSTOMER = "customer"  # the kind of record that letters are about
LONGEST_NAME, LONGEST_BODY, LONGEST_CATEGORY = 150, 200_000, 100
_CODE = re.compile(r"[a-z][a-z0-9_-]{0,39}")
_ENDINGS = {Form.PAGE: "pdf", Form.WORD: "docx"}
_MOST_MADE_BYTES = 30 * 2**20


class FieldsWrong(Refused):
    """facts: problems, {field: Wrong}; those of places have the fact `problems`, [Problem]."""

    code = "documents.fields_wrong"
    http_status = 422


class Changed(Refused):
    """Somebody else has changed it since it was read."""

    code = "documents.changed"


class NothingToPublish(Refused):
    """There is no draft of that number: it was published, or written anew meanwhile."""

    code = "documents.nothing_to_publish"


class NoAddress(Refused):
    """Nobody knows where to send it."""

    code = "documents.no_address"
    http_status = 422


class FileGone(NotFound):
    """Its content was erased."""

    code = "documents.file_gone"


# --- templates ---


@dataclass(frozen=True, slots=True)
class TemplateWanted:
    """A template as somebody wants it. code, kind and form stay as they were first. word: of a new Word file, with
    word_name; None leaves the one that there is."""

    code: str
    kind: str
    name: Mapping[str, str]
    form: str = Form.PAGE
    language: str = Language.RU
    category: str = ""
    project_id: int | None = None
    is_signed: bool = True
    body: str = ""
    word: Content | None = None
    word_name: str = ""


@command("documents.write_template", needs=MANAGE)
def write_template(*, wanted: TemplateWanted, by: Actor, now: datetime) -> DocumentTemplate:
    """A new one, as a draft that nobody makes documents of yet. Raises FieldsWrong with all that is wrong."""
    template = DocumentTemplate(id=uuid7(now), code=wanted.code, kind=wanted.kind, form=wanted.form)
    _settle(template, wanted, None, by)
    template.save(force_insert=True)
    _draft(template, TemplateVersion(template=template, number=1), wanted, by, now)
    return template


@command("documents.change_template", needs=MANAGE)
def change_template(
    *, template_id: UUID, version: int, wanted: TemplateWanted, by: Actor, now: datetime
) -> DocumentTemplate:
    """Write its draft anew; documents are made of the version in force meanwhile.

    Raises Changed, FieldsWrong, NoSuchTemplate.
    """
    template = _lock(template_id, by)
    if template.version != version:
        raise Changed(template=template_id)
    last = draft_of(template) or template.versions.select_related("file").first()
    _settle(template, wanted, last, by)
    template.version += 1
    template.save()
    draft = last if last is not None and last.state == Stage.DRAFT else _next(template)
    draft.file = draft.file or (last.file if last else None)
    _draft(template, draft, wanted, by, now)
    return template


@command("documents.publish_template", needs=MANAGE)
def publish_template(*, template_id: UUID, number: int, by: Actor, now: datetime) -> TemplateVersion:
    """Documents are made of the draft of this number from now on. Raises NothingToPublish, NoSuchTemplate."""
    template = _lock(template_id, by)
    draft = draft_of(template)
    if draft is None or draft.number != number:
        raise NothingToPublish(template=template_id)
    template.versions.filter(state=Stage.IN_FORCE).update(state=Stage.REPLACED)
    draft.state, draft.published_by_id, draft.published_at = Stage.IN_FORCE, by.user_id, now
    draft.save(update_fields=["state", "published_by", "published_at"])
    template.current, template.version = draft, template.version + 1
    template.save(update_fields=["current", "version"])
    publish(TemplatePublished(template_id=template.pk, number=number), now=now)
    return draft


@command("documents.restore_template", needs=MANAGE)
def restore_version(*, template_id: UUID, number: int, by: Actor, now: datetime) -> TemplateVersion:
    """What an earlier version said becomes the draft; a draft that there was is written over. Raises NoSuchTemplate."""
    template = _lock(template_id, by)
    old = template.versions.filter(number=number).first()
    if old is None:
        raise NoSuchTemplate(template=template_id, number=number)
    draft = draft_of(template) or _next(template)
    draft.body, draft.file, draft.author_id, draft.written_at = old.body, old.file, by.user_id, now
    draft.save()
    DocumentTemplate.objects.filter(pk=template.pk).update(version=F("version") + 1)
    return draft


@command("documents.switch_template", needs=MANAGE)
def switch_template(*, template_id: UUID, is_active: bool, by: Actor, now: datetime) -> DocumentTemplate:
    """Offer it, or offer it no more; documents made of it stay. Raises NoSuchTemplate."""
    template = _lock(template_id, by)
    if template.is_active != is_active:
        template.is_active, template.version = is_active, template.version + 1
        template.save(update_fields=["is_active", "version"])
    return template


def _lock(template_id: UUID, by: Actor) -> DocumentTemplate:
    found = visible_templates(by).select_for_update(of=("self",)).filter(pk=template_id).first()
    if found is None:
        raise NoSuchTemplate(template=template_id)
    return found


def _next(template: DocumentTemplate) -> TemplateVersion:
    last = template.versions.aggregate(last=Coalesce(Max("number"), 0))["last"]
    return TemplateVersion(template=template, number=last + 1)


def _settle(template: DocumentTemplate, wanted: TemplateWanted, known: TemplateVersion | None, by: Actor) -> None:
    problems = _problems(template, wanted, known, by)
    if not problems:
        template.language = wanted.language
        problems = _places(template, wanted)
    if problems:
        raise FieldsWrong(problems=problems)
    template.name = {code: " ".join(text.split()) for code, text in wanted.name.items() if text.strip()}
    template.category = " ".join(wanted.category.split())
    template.project_id, template.is_signed = wanted.project_id, wanted.is_signed


def _problems(
    template: DocumentTemplate, wanted: TemplateWanted, known: TemplateVersion | None, by: Actor
) -> dict[str, Wrong]:
    problems = _named(wanted)
    if known is None and not _CODE.fullmatch(wanted.code):
        problems["code"] = Wrong("code.form")
    elif known is None and DocumentTemplate.objects.filter(code=wanted.code).exists():
        problems["code"] = Wrong("code.taken")
    if template.kind not in {source.kind for source in sources()}:
        problems["kind"] = Wrong("choice.unknown")
    if template.form not in Form.values:
        problems["form"] = Wrong("choice.unknown")
    if wanted.language not in Language.values:
        problems["language"] = Wrong("choice.unknown")
    if wanted.project_id is not None and not by.sees_project(wanted.project_id):
        problems["project"] = Wrong("choice.unknown")
    if template.form == Form.WORD and wanted.word is None and (known is None or known.file_id is None):
        problems["word"] = Wrong("field.required")
    return problems


def _named(wanted: TemplateWanted) -> dict[str, Wrong]:
    problems: dict[str, Wrong] = {}
    names = [text for text in wanted.name.values() if text.strip()]
    if not names:
        problems["name"] = Wrong("field.required")
    elif max(map(len, names)) > LONGEST_NAME:
        problems["name"] = Wrong("text.long", most=LONGEST_NAME)
    if len(wanted.category) > LONGEST_CATEGORY:
        problems["category"] = Wrong("text.long", most=LONGEST_CATEGORY)
    return problems


def _places(template: DocumentTemplate, wanted: TemplateWanted) -> dict[str, Wrong]:
    """What stands in it that nobody could fill."""
    environment = making.environment_for(template)
    if template.form == Form.PAGE:
        if not paper.words_of(wanted.body):
            return {"body": Wrong("field.required")}
        if len(wanted.body) > LONGEST_BODY:
            return {"body": Wrong("text.long", most=LONGEST_BODY)}
        return _wrong_places("body", problems_in(paper.as_template(paper.clean(wanted.body)), environment))
    if wanted.word is None:
        return {}
    return _wrong_places("word", word.wrong_with(store.path_of(wanted.word.sha256).read_bytes(), environment))


def _wrong_places(name: str, problems: Sequence[Problem]) -> dict[str, Wrong]:
    return {name: Wrong("places.wrong", problems=tuple(problems))} if problems else {}


def _draft(
    template: DocumentTemplate, draft: TemplateVersion, wanted: TemplateWanted, by: Actor, now: datetime
) -> None:
    if template.form == Form.WORD and wanted.word is not None:
        draft.file = keep(
            kind=TEMPLATE_FILE, record_id=template.pk, content=wanted.word, name=wanted.word_name, by=by, now=now
        )
    draft.body = paper.clean(wanted.body) if template.form == Form.PAGE else ""
    draft.state, draft.author_id, draft.written_at = Stage.DRAFT, by.user_id, now
    draft.save()


# --- documents ---


@dataclass(frozen=True, slots=True)
class DocumentWanted:
    """key: of the document to be, made by the form, so that a click twice makes one."""

    key: UUID
    template_id: UUID
    kind: str
    record_id: UUID
    signer_id: int | None = None


def make_document(wanted: DocumentWanted, *, by: Actor, now: datetime) -> Document:
    """Fill the template for the record and keep what comes of it. A document of that key is made once.

    The file is made before anything is written, outside of any transaction. Killed in between, nothing was made but a
    number that stays unused. Raises NoSuchTemplate, CannotFill, NoPango, TooLong, NotFound.
    """
    by.must(MAKE)
    if Document.objects.filter(pk=wanted.key, made_by=by.user_id).exists():
        return get_document(wanted.key, by=by)
    subject = find_subject(wanted.kind, wanted.record_id, by=by)
    template = get_usable(wanted.template_id, subject, by=by)
    version = version_in_force(template)
    signer = signer_of(wanted.signer_id, subject)
    number = next_number("document")
    code = f"{number:05}"
    filled = making.filled(version, subject, signer=signer, number=code, by=by, now=now)
    made = making.content_of(filled, code=code, language=template.language)
    content = store.put([made], most=_MOST_MADE_BYTES)
    return _keep_document(
        document_id=wanted.key, subject=subject, version=version, signer=signer, by=by, now=now,
        made=Made(number, filled.title, content, filled.is_closed),
    )  # fmt: skip


def version_in_force(template: DocumentTemplate) -> TemplateVersion:
    version = template.current
    if version is None:
        raise NoSuchTemplate(template=template.pk)
    version.template = template
    return version


def signer_of(signer_id: int | None, subject: Subject) -> User | None:
    """Only those who may sign for it; None signs nothing."""
    return next((one for one in list_signers(subject) if one.pk == signer_id), None) if signer_id else None


@dataclass(frozen=True, slots=True)
class Made:
    number: int
    title: str
    content: Content
    is_closed: bool


@command("documents.make", needs=MAKE)
def _keep_document(
    *, document_id: UUID, subject: Subject, version: TemplateVersion, made: Made, signer: User | None, by: Actor,
    now: datetime,
) -> Document:  # fmt: skip
    document, is_new = Document.objects.get_or_create(
        pk=document_id,
        defaults={
            "number": made.number,
            "template": version.template,
            "made_of": version,
            "title": made.title[:200],
            "kind": subject.kind,
            "record": subject.key,
            "about": subject.title[:300],
            "client": subject.client[:300],
            "customer": subject.customer,
            "contact": subject.contact,
            "project_id": subject.project_id,
            "signer": signer,
            "made_by_id": by.user_id,
            "made_at": now,
            "sha256": made.content.sha256,
            "is_closed": made.is_closed,
        },
    )
    if not is_new:
        return document
    name = f"{made.title} \u2116 {document.code}.{_ENDINGS[Form(version.template.form)]}"
    document.file = keep(kind=FILE, record_id=document.pk, content=made.content, name=name, by=by, now=now)
    document.save(update_fields=["file"])
    publish(DocumentMade(document_id=document.pk, kind=subject.kind, record_id=subject.key), now=now)
    return document


@dataclass(frozen=True, slots=True)
class Letter:
    """What goes with a document. to: as typed."""

    to: str
    subject: str
    text: str


@command("documents.send", needs=MAKE)
def send_document(*, document_id: UUID, letter: Letter, by: Actor, now: datetime) -> Message:
    """By e-mail, the file attached. Raises NoAddress, MessageWrong, MayNotSend, FileGone, NoSuchDocument,
    ClosedDocument."""
    by.must(SEND)
    document = open_document(document_id, by=by)
    if document.file_id is None:
        raise FileGone(document=document_id)
    if not letter.to.strip():
        raise NoAddress(document=document_id)
    draft = Draft(
        channel=Channel.EMAIL,
        to=letter.to,
        subject=letter.subject.strip() or str(document),
        text=letter.text.strip(),
        project_id=document.project_id,
        kind=CUSTOMER if document.customer else "",
        record=document.customer,
        contact=document.contact,
        files=(document.file_id,),
    )
    message = queue(draft, by=by, now=now)
    Document.objects.filter(pk=document.pk).update(message=message.pk, sent_at=now)
    source_of(document.kind).sent(Sending(document, message.pk, letter.text.strip(), by, now))
    publish(DocumentSent(document_id=document.pk, message_id=message.pk), now=now)
    return message
