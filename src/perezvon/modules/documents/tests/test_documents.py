"""Templates become documents of records, and documents become letters."""

from __future__ import annotations

import html
import io
import re
import sys
from dataclasses import replace
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from docx import Document as new_word
from pypdfium2 import PdfDocument

from perezvon.foundation.files import store
from perezvon.foundation.files.looking import look_into
from perezvon.foundation.files.models import File
from perezvon.foundation.history.models import Change
from perezvon.foundation.messages.models import Message
from perezvon.foundation.messages.services import MayNotSend
from perezvon.foundation.outbox.models import OutboxRow
from perezvon.foundation.personal.registry import Subject as Erased
from perezvon.foundation.personal.registry import holders
from perezvon.kernel.errors import NotAllowed
from perezvon.kernel.ids import uuid7
from perezvon.modules.cases.models import CaseEntry
from perezvon.modules.cases.tests.conftest import NOW, SYSTEM, Register, person, talk
from perezvon.modules.customers import registry
from perezvon.modules.customers.models import ContactBan, Customer
from perezvon.modules.customers.services import merge_customers, register_potential
from perezvon.modules.documents import services
from perezvon.modules.documents.blueprint import export_documents, load_documents
from perezvon.modules.documents.models import Document, DocumentTemplate, Stage
from perezvon.modules.documents.selectors import NoSuchDocument, get_document, list_usable, visible
from perezvon.modules.documents.services import DocumentWanted, Letter, make_document
from perezvon.modules.documents.tests.conftest import Write
from perezvon.project.blueprint import read
from perezvon.project.doctor import pages

pytestmark = pytest.mark.django_db


def words(page: Any) -> str:
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", page.content.decode())).split())


def text_of(document: Document) -> str:
    return " ".join(PdfDocument(store.path_of(document.sha256))[0].get_textpage().get_text_range().split())


class TestMaking:
    @pytest.mark.feature("F09.08")
    @pytest.mark.feature("F27.01")
    def test_a_document_of_a_case_is_made_downloaded_and_stands_where_it_belongs(
        self, browse, register: Register, write: Write, loans, olga, elena
    ):
        Customer.objects.filter(pk=elena.pk).update(inn="500100732259", sex="f", language="en")
        contact = talk(loans, olga, elena)
        case = register()
        type(case).objects.filter(pk=case.pk).update(contact=contact)
        template, browser = write(), browse(olga)
        case_page = browser.get(f"/cases/{case.pk}/")
        url = f"/documents/about/case/{case.pk}/"

        assert url in case_page.content.decode()
        making = browser.get(url)
        for part in ("Dear Elena", "Fee for the card", "Answer", "Expert"):
            assert part in words(making)
        assert "500100732259" not in making.content.decode()  # masked for everybody
        key = uuid7(NOW)
        sent = {"key": str(key), "template": str(template.pk), "signer": str(olga.id)}
        made = browser.post(url, sent)
        again = browser.post(url, sent)  # a click twice

        document = Document.objects.get()
        assert made["Location"] == again["Location"] == f"/documents/{key}/?made"
        assert (document.record, document.contact, document.customer) == (case.pk, contact.pk, elena.pk)
        for part in (document.code, "Dear Elena", "Fee for the card", "Expert", "••••••••••59"):
            assert part in text_of(document)
        page = browser.get(made["Location"])
        assert f"{document.title} № {document.code}" in words(page)
        shown = browser.get(f"/documents/{key}/look/")
        assert (shown["Content-Type"], shown.content[:5]) == ("application/pdf", b"%PDF-")
        assert "".join(map(str, browser.get(f"/files/{document.file_id}/").streaming_content))[:9] == "b'%PDF-1."
        for place in (f"/cases/{case.pk}/", f"/customers/{elena.pk}/", f"/contacts/{contact.pk}/"):
            assert f"/documents/{key}/" in browser.get(place).content.decode(), place
        assert "Document: Answer" in words(browser.get(f"/customers/{elena.pk}/"))  # in his history
        listed = browser.get("/documents/?q=Smirnova")
        assert document.code in words(listed)

    def test_what_says_commercial_data_is_read_by_those_for_whom_they_are_open(
        self, browse, register: Register, write: Write, olga, ivan, elena, monkeypatch
    ):
        sums = "<p>{% for one in customer.contracts %}{{ one.number }}: {{ one.sum }}{% endfor %}</p>"
        template, plain, case = write("sums", body=sums), write("plain"), register()
        monkeypatch.setattr(registry, "_gates", [lambda customer, by: by.id == olga.id])  # who has identified her
        made, other = (
            make_document(DocumentWanted(uuid7(NOW), one.pk, "case", case.pk), by=olga, now=NOW)
            for one in (template, plain)
        )

        assert (made.is_closed, other.is_closed) == (True, False)
        browser = browse(olga)
        assert browser.get(f"/documents/{made.pk}/look/").status_code == 200
        browser = browse(ivan)
        page = browser.get(f"/documents/{made.pk}/")
        assert "once the customer is identified" in words(page)
        assert "Send by e-mail" not in words(page)
        assert browser.get(f"/documents/{made.pk}/look/").status_code == 403
        assert browser.get(f"/files/{made.file_id}/").status_code == 403
        assert browser.post(f"/documents/{made.pk}/send/", {"to": "a@mail.example"}).status_code == 403
        assert browser.get(f"/documents/{other.pk}/look/").status_code == 200

    def test_a_letter_is_sent_once_however_often_it_is_clicked(
        self, browse, register: Register, write: Write, olga, elena
    ):
        document = make_document(DocumentWanted(uuid7(NOW), write().pk, "case", register().pk), by=olga, now=NOW)
        browser = browse(olga)
        page = browser.get(f"/documents/{document.pk}/").content.decode()
        [command_id] = re.findall(r'name="command_id" value="([^"]+)"', page)
        sent = {"to": "elena@example.com", "subject": "Answer", "text": "Here it is", "command_id": command_id}

        answers = [browser.post(f"/documents/{document.pk}/send/", sent).status_code for _ in range(2)]

        assert answers == [302, 302]
        assert Message.objects.filter(channel="email").count() == 1

    def test_a_word_file_is_filled_and_keeps_its_form(self, browse, register: Register, lisa, olga, elena):
        given = new_word()
        given.add_paragraph("Case {{ case.number }} of {{ customer.name }}")
        packed = io.BytesIO()
        given.save(packed)
        sent = {"name_en": "Form", "code": "form", "language": "en", "publish": "1"}
        url = "/admin/documents/new/?kind=case&form=word"
        browser = browse(lisa)

        empty = browser.post(url, sent)
        broken = browser.post(url, {**sent, "word": SimpleUploadedFile("a.docx", b"no word")})
        saved = browser.post(url, {**sent, "word": SimpleUploadedFile("a.docx", packed.getvalue())})

        assert empty.status_code == broken.status_code == 422
        assert "no Word file" in words(broken)
        template = DocumentTemplate.objects.get()
        assert saved["Location"] == f"/admin/documents/{template.pk}/?published"
        case = register()
        wanted = DocumentWanted(uuid7(NOW), template.pk, "case", case.pk)
        document = make_document(wanted, by=olga, now=NOW)
        assert document.file is not None
        assert document.file.name == f"Form № {document.code}.docx"
        filled = new_word(str(store.path_of(document.sha256)))
        assert filled.paragraphs[0].text == f"Case {case.code} of Smirnova Elena"
        look_into(document.sha256, now=lambda: NOW)
        assert f"Case {case.code} of Smirnova Elena" in words(browse(olga).get(f"/documents/{document.pk}/"))

    def test_without_the_library_for_pages_it_is_said_and_nothing_is_made(
        self, browse, register: Register, write: Write, olga, monkeypatch
    ):
        case, template = register(), write()
        monkeypatch.setitem(sys.modules, "weasyprint", None)

        sent = {"key": str(uuid7(NOW)), "template": str(template.pk)}
        refused = browse(olga).post(f"/documents/about/case/{case.pk}/", sent)

        assert refused.status_code == 422
        assert "Pango is missing" in words(refused)
        assert not Document.objects.exists()
        assert pages().state == "note"

    def test_only_who_sees_the_record_sees_its_document_and_uses_its_templates(
        self, browse, register: Register, write: Write, cards, loans, olga, elena
    ):
        case, template = register(), write(project_id=loans.pk)
        stranger = person("stranger", cards)
        document = make_document(DocumentWanted(uuid7(NOW), template.pk, "case", case.pk), by=olga, now=NOW)

        with pytest.raises(NoSuchDocument):
            get_document(document.pk, by=stranger)
        assert list(visible(stranger)) == []
        assert list(visible(olga)) == [document]
        browser = browse(stranger)
        about, one = f"/documents/about/case/{case.pk}/", f"/documents/{document.pk}/"
        for url in (one, f"{one}look/", about, f"{about}pdf/?template={template.pk}", f"/files/{document.file_id}/"):
            assert browser.get(url).status_code == 404, url
        less = replace(olga, rights=olga.rights - {"documents.make"})
        with pytest.raises(NotAllowed):
            make_document(DocumentWanted(uuid7(NOW), template.pk, "case", case.pk), by=less, now=NOW)
        assert Document.objects.count() == 1
        assert Change.objects.filter(table="documents_document").exists()
        assert OutboxRow.objects.filter(topic="documents.made").count() == 1


class TestSending:
    def test_it_goes_by_mail_with_the_file_and_stands_in_the_case(
        self, browse, register: Register, write: Write, olga, elena
    ):
        case, template = register(), write()
        document = make_document(DocumentWanted(uuid7(NOW), template.pk, "case", case.pk), by=olga, now=NOW)
        browser = browse(olga)
        url = f"/documents/{document.pk}/send/"
        form = browser.get(f"/documents/{document.pk}/").content.decode()
        given = {"to": "elena@example.com", "subject": "Your answer", "text": "See below"}

        refused = browser.post(url, {**given, "to": "nobody"})
        assert refused.status_code == 422
        assert "See below" in refused.content.decode()
        assert Message.objects.count() == 0
        browser.post(url, given)

        assert "elena@example.com" in form
        message = Message.objects.get()
        assert (message.to, message.files, message.record) == ("elena@example.com", [document.file_id], elena.pk)
        entry = CaseEntry.objects.get(message=message.pk)
        assert f"Answer № {document.code}" in entry.text
        assert entry.is_public
        case.refresh_from_db()
        assert case.answered_at is not None
        assert "Sent" in words(browser.get(f"/documents/{document.pk}/"))

    def test_a_ban_on_contact_is_heeded(self, register: Register, write: Write, olga, elena):
        document = make_document(DocumentWanted(uuid7(NOW), write().pk, "case", register().pk), by=olga, now=NOW)
        ContactBan.objects.create(customer=elena, reason="asked", by_id=olga.id, at=NOW)

        with pytest.raises(MayNotSend):
            services.send_document(
                document_id=document.pk, letter=Letter("elena@example.com", "x", "y"), by=olga, now=NOW
            )
        assert Message.objects.count() == 0


class TestTemplates:
    def test_are_written_tried_published_and_taken_back(self, browse, register: Register, lisa, olga, elena):
        browser, url = browse(lisa), "/admin/documents/new/?kind=case&form=page"
        sent = {"name_en": "Answer", "code": "answer", "language": "en", "signed": "on"}

        wrong = browser.post(url, {**sent, "body": "<p>{{ case.nothing }} {{ nobody.x }} kept</p>"})
        assert wrong.status_code == 422
        for part in ("case.nothing", "nobody.x", "kept"):
            assert part in words(wrong)
        saved = browser.post(url, {**sent, "body": "<p>First {{ case.number }}</p>"})
        template = DocumentTemplate.objects.get()
        address = f"/admin/documents/{template.pk}/"
        assert saved["Location"] == f"{address}?saved"
        case = register()
        assert list_usable(services.find_subject("case", case.pk, by=olga), by=olga) == []  # nobody makes of a draft
        assert f"First {case.code}" in words(browser.get(f"{address}trial/?record={case.pk}"))
        browser.post(f"{address}publish/", {"number": "1"})
        second = {**sent, "version": "2", "body": "<p>Second</p>", "publish": "1"}
        assert browser.post(address, {**second, "version": "1"}).status_code == 409
        browser.post(address, second)
        browser.post(f"{address}back/", {"number": "1"})

        states = dict(template.versions.values_list("number", "state"))
        assert states == {1: Stage.REPLACED, 2: Stage.IN_FORCE, 3: Stage.DRAFT}
        assert "First" in template.versions.get(number=3).body
        assert "Second" in words(browser.get(f"{address}versions/"))
        looked = browser.post(
            "/admin/documents/look/?kind=case", {"body": "<p>{{ customer.name }}</p>", "language": "en"}
        )
        assert "Smirnova Elena Pavlovna" in words(looked)
        assert browse(olga).get(address).status_code == 403

    @pytest.mark.feature("F27.02", partly="templates of campaigns (campaigns)")
    def test_of_every_blueprint_load_go_out_and_come_back(self, loans, register: Register, olga, elena):
        for name in ("bank", "assistance"):
            DocumentTemplate.objects.update(current=None)
            DocumentTemplate.objects.all().delete()
            part = {"documents": read(name)["documents"]}

            load_documents(part, SYSTEM, NOW)
            out = export_documents()
            load_documents(out, SYSTEM, NOW)
            load_documents(part, SYSTEM, NOW)

            assert export_documents() == out
            assert all(one.versions.count() == 1 for one in DocumentTemplate.objects.all())
        case = register()
        answer = DocumentTemplate.objects.get(code="appeal-answer")
        document = make_document(DocumentWanted(uuid7(NOW), answer.pk, "case", case.pk), by=olga, now=NOW)
        assert f"обращение № {case.code}" in text_of(document)


class TestCardsThatChange:
    def test_a_merged_card_brings_its_documents_along(self, register: Register, write: Write, olga, viktor, elena):
        template = write("certificate", kind="customer", body="<p>{{ customer.name }}</p>")
        document = make_document(DocumentWanted(uuid7(NOW), template.pk, "customer", elena.pk), by=olga, now=NOW)
        typed = {"last_name": "Smirnova", "first_name": "Elena", "phone_mobile": "89167654321"}
        kept = register_potential(typed=typed, by=SYSTEM, now=NOW)

        merge_customers(kept_id=kept.pk, gone_id=elena.pk, take=[], by=viktor, now=NOW)

        found = get_document(document.pk, by=olga)
        assert (found.record, found.customer) == (kept.pk, kept.pk)


class TestErasing:
    def test_takes_the_contents_and_leaves_the_journal(self, register: Register, write: Write, olga, elena):
        document = make_document(DocumentWanted(uuid7(NOW), write().pk, "case", register().pk), by=olga, now=NOW)
        holder = next(one for one in holders() if one.code == "documents")
        subject = Erased((elena.pk,), elena.number, elena.full_name, frozenset())

        assert [row["number"] for row in holder.export(subject)["documents"]] == [document.number]
        assert holder.count(subject) == 1
        with connection.cursor() as cursor:
            cursor.execute("SELECT set_config('perezvon.erasing', 'on', true)")
        assert holder.erase(subject, NOW) == 1

        document.refresh_from_db()
        assert (document.file_id, document.sha256) == (None, "")
        assert "Smirnova" not in f"{document.about} {document.client}"
        assert not File.objects.filter(kind="document").exists()
