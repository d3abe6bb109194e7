"""A complaint from the customer's card to its end, answered by a document that a real mail server gets."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from email import message_from_bytes, policy
from email.message import EmailMessage

import pytest
from aiosmtpd.controller import Controller
from playwright.sync_api import expect
from pypdfium2 import PdfDocument

from perezvon.foundation import clock
from perezvon.foundation.access import System
from perezvon.foundation.messages import services as messages
from perezvon.foundation.people.models import User
from perezvon.modules.cases.blueprint import load_cases
from perezvon.modules.cases.models import Case, Stage
from perezvon.modules.documents.blueprint import load_documents
from perezvon.modules.documents.models import DocumentTemplate
from perezvon.project.blueprint import read
from tests.support import eventually

BY = System(name="test")
RU = {
    "register": "Зарегистрировать", "complaint": "Жалоба", "make": "Документ…",
    "answer": "Ответ на жалобу PDF, Русский",
    "dear": "Уважаемая Елена", "done": "Оформить", "number": "Ответ на жалобу № ",
    "send": "Отправить", "sent": "Отправлен",
    "heading": "Ответ на обращение", "step": "Следующий шаг", "take": "Взять", "begin": "Взять в работу",
    "told": "Ответ, сказан устно",
    "solve": "Решить → Решено", "solved": "Решено", "close": "Закрыть →", "closed": "Закрыто",
}  # fmt: skip
EN = {
    "register": "Register", "complaint": "Complaint", "make": "Document…",
    "answer": "Answer to a complaint PDF, English",
    "dear": "Dear Elena", "done": "Make", "number": "Answer to a complaint № ", "send": "Send", "sent": "Sent",
    "heading": "Your complaint", "step": "Next step", "take": "Take", "begin": "Begin",
    "told": "Answer, told by voice", "solve": "Solve → Solved", "solved": "Solved", "close": "Close →",
    "closed": "Closed",
}  # fmt: skip


class Mail:
    """A real SMTP server that keeps what it gets."""

    def __init__(self) -> None:
        self.letters: list[EmailMessage] = []
        self.controller = Controller(self, hostname="127.0.0.1", port=0)
        self.controller._trigger_server = self._touch  # its own way would ask port 0
        self.controller.start()

    def _touch(self) -> None:
        self.port = self.controller.server.sockets[0].getsockname()[1]
        socket.create_connection(("127.0.0.1", self.port), timeout=5).close()

    async def handle_DATA(self, _server, _session, envelope) -> str:
        self.letters.append(message_from_bytes(envelope.content, policy=policy.default))
        return "250 OK"


@pytest.fixture
def mail() -> Iterator[Mail]:
    made = Mail()
    yield made
    made.controller.stop(no_assert=True)


@pytest.mark.feature("F09.08")
@pytest.mark.feature("F09.11")
@pytest.mark.feature("F27.01")
@pytest.mark.feature("F27.04")
@pytest.mark.parametrize(("language", "words"), [("ru", RU), ("en", EN)])
def test_a_complaint_is_answered_by_a_document_and_closed(centre, operator, mail, language, words):
    load_cases(read("bank"), BY, clock.now())
    load_documents(read("bank"), BY, clock.now())
    branch = centre.branch()
    values = {"host": "127.0.0.1", "port": str(mail.port), "security": "none", "sender": "desk@bank.example"}
    wanted = messages.WantedSender("email", "smtp", values, project_id=branch.line.project_id)
    messages.put_sender(wanted=wanted, by=BY, now=clock.now())
    User.objects.filter(pk=branch.operators[0].pk).update(position="Expert")
    customer = centre.customer("Smirnova", language=language, sex="f")
    type(customer).objects.filter(pk=customer.pk).update(first_name="Елена" if language == "ru" else "Elena")
    customer.points.create(kind="email", use="contact", raw="smirnova@mail.example")
    page = operator(branch.operators[0], language=language).page

    page.goto(f"{centre.url}/customers/{customer.pk}/")
    page.locator("section", has=page.locator("#customer-cases")).get_by_text(words["register"], exact=True).click()
    page.get_by_role("link", name=words["complaint"], exact=True).click()
    page.locator("#field-subject").fill("490 ₽")
    page.locator("#field-category").select_option(index=1)
    page.get_by_role("button", name=words["register"], exact=True).click()
    expect(page.locator(".case-title")).to_contain_text("490")
    case = Case.objects.get(customer=customer)
    page.get_by_role("button", name=words["take"], exact=True).click()
    expect(page.get_by_role("button", name=words["take"], exact=True)).to_have_count(0)
    page.get_by_role("button", name=words["step"]).click()
    page.get_by_role("button", name=words["begin"]).click()
    eventually(lambda: Case.objects.get(pk=case.pk).state.code == "work")

    page.goto(f"{centre.url}/cases/{case.pk}/")
    page.get_by_role("link", name=words["make"]).click()
    page.get_by_role("radio", name=words["answer"], exact=True).check()
    expect(page.locator(".paper")).to_contain_text(words["dear"])
    expect(page.locator(".paper")).to_contain_text(words["heading"])
    page.get_by_role("button", name=words["done"], exact=True).click()
    expect(page.get_by_role("heading", level=1)).to_contain_text(words["number"])
    expect(page.locator("#field-to")).to_have_value("smirnova@mail.example")
    page.locator("#field-text").fill("Our answer is attached.")
    page.get_by_role("button", name=words["send"], exact=True).click()
    expect(page.locator("#sent-title")).to_be_visible()

    eventually(lambda: mail.letters, within=20)
    [letter] = mail.letters
    [file] = letter.iter_attachments()
    assert letter["To"] == "smirnova@mail.example"
    assert "Our answer is attached." in letter.get_body(("plain",)).get_content()
    assert (file.get_content_type(), file.get_filename()[:18]) == ("application/pdf", words["number"][:18])
    text = " ".join(PdfDocument(file.get_payload(decode=True))[0].get_textpage().get_text_range().split())
    assert words["dear"] in text
    assert f"{words['heading']}" in text
    assert case.code in text

    page.goto(f"{centre.url}/cases/{case.pk}/")
    expect(page.locator(".case-entry", has_text="Our answer is attached.")).to_contain_text(words["number"])
    for point in case.points.all():
        page.get_by_role("checkbox", name=point.text).click()
        eventually(lambda key=point.pk: case.points.get(pk=key).done_at is not None)
    page.get_by_role("radio", name=words["told"]).check()
    page.locator("#case-text").fill("Done.")
    page.locator("#case-then").select_option(label=words["solve"])
    page.keyboard.press("Control+Enter")
    expect(page.locator(".case-title")).to_contain_text(words["solved"])
    page.get_by_role("button", name=words["step"]).click()
    page.get_by_role("button", name=words["close"]).click()
    expect(page.locator(".case-title")).to_contain_text(words["closed"])
    assert Case.objects.get(pk=case.pk).stage == Stage.CLOSED

    page.goto(f"{centre.url}/documents/?q=Smirnova")
    expect(page.locator(".list-table")).to_contain_text(case.code)


@pytest.mark.feature("F27.01")
def test_a_template_is_written_by_clicks_on_its_fields(centre, new_context):
    branch = centre.branch(role="information_administrator")
    User.objects.filter(pk=branch.operators[0].pk).update(language="en")
    context = new_context("en")
    context.add_cookies([centre.session_of(branch.operators[0])])
    page = context.new_page()
    page.goto(f"{centre.url}/admin/documents/new/")
    page.get_by_role("radio", name="Customers").check()
    page.get_by_role("button", name="Next").click()
    text = page.locator(".editor-text")
    expect(page.locator("cc-editor[data-ready]")).to_be_attached()
    page.locator("#field-name_en").fill("Greeting")
    page.locator("#field-code").fill(branch.code)
    page.locator("#field-language").select_option("en")
    text.click()
    page.keyboard.type("Hello ")
    page.get_by_role("searchbox", name="Look for a field").fill("full name")
    page.get_by_role("button", name="Full name {{ customer.name }}").click()
    expect(text).to_contain_text("Hello {{ customer.name }}")
    page.get_by_role("button", name="Table", exact=True).click()
    expect(text.locator("tr")).to_have_count(2)
    text.locator("th").first.click()
    page.get_by_role("button", name="Another row").click()
    expect(text.locator("tr")).to_have_count(3)
    expect(page.locator("#document-preview .paper")).to_contain_text("Hello Smirnova Elena Pavlovna")
    expect(page.locator("#document-preview .paper tr")).to_have_count(3)

    text.locator("p").first.click()
    page.keyboard.press("End")
    page.keyboard.type(" {{ customer.shoes }}")
    page.get_by_role("button", name="Save and publish").click()
    expect(page.get_by_role("alert").filter(has_text="There is no field “customer.shoes”")).to_be_visible()
    expect(text).to_contain_text("customer.shoes")
    expect(text.get_by_role("link")).to_have_count(0)  # .shoes is a domain, but this is no address
    text.locator("p").first.click()
    page.keyboard.press("Home")
    page.keyboard.press("Shift+End")
    page.keyboard.type("Dear {{ customer.name }}")
    expect(text.locator("p").first).to_have_text("Dear {{ customer.name }}")
    page.get_by_role("button", name="Save and publish").click()
    expect(page.get_by_role("status").filter(has_text="Published")).to_be_visible()
    assert DocumentTemplate.objects.get(code=branch.code).current is not None
