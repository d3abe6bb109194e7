"""The frame around the work: who one is, the time, the rail, tabs; and that nothing but a browser is needed."""

from __future__ import annotations

import re
import struct
import zlib
from pathlib import Path
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

import pytest
from playwright.sync_api import Page, expect

from perezvon.foundation import clock
from perezvon.foundation.people.models import Project
from perezvon.modules.customers.models import Customer
from perezvon.modules.interactions.models import Interaction
from perezvon.modules.interactions.services import register_visit
from tests.journeys.test_looks import look_at
from tests.support import eventually
from tests.support.centre import new_number
from tests.support.desk import texts

MOSCOW = ZoneInfo("Europe/Moscow")


def png(path: Path) -> Path:
    """A blue square of four pixels by four."""

    def chunk(kind: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))

    rows = b"".join(b"\0" + b"\x30\x60\xc0" * 4 for _ in range(4))
    head = struct.pack(">IIBBBBB", 4, 4, 8, 2, 0, 0, 0)
    path.write_bytes(
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")
    )
    return path


@pytest.mark.feature("F30.02")
@pytest.mark.parametrize(("language", "role"), [("en", "Operator"), ("ru", "Оператор")])
def test_above_stand_name_role_photo_date_and_time(centre, operator, tmp_path, language, role):
    desk = operator(centre.branch().operators[0], language=language)
    bar = desk.page.locator(".topbar")
    expect(bar.locator(".person-name")).to_have_text(desk.user.full_name)
    expect(bar.locator(".person-role")).to_contain_text(role)
    now = clock.now().astimezone(MOSCOW)
    shown = bar.locator("cc-clock")
    expect(shown).to_contain_text(re.compile(rf"\b{now.day}\b.*\b([01]\d|2[0-3]):\d\d$"))
    weekday = {"en": now.strftime("%a"), "ru": ["пн", "вт", "ср", "чт", "пт", "сб", "вс"][now.weekday()]}[language]
    expect(shown).to_contain_text(weekday)
    assert abs(_minutes(shown.inner_text()) - (now.hour * 60 + now.minute)) <= 1

    desk.page.goto(f"{centre.url}/me/")
    desk.page.set_input_files("#me-file", png(tmp_path / "face.png"))
    desk.page.locator("form.me-photo .btn-primary").click()
    expect(desk.page.locator(".notice[data-tone=good]")).to_be_visible()
    desk.page.goto(f"{centre.url}/desk/")
    face = desk.page.locator(".topbar .person .avatar img")
    expect(face).to_be_visible()
    eventually(lambda: face.evaluate("picture => picture.naturalWidth") == 4)


def _minutes(clock_text: str) -> int:
    hours, minutes = clock_text.rpartition(" ")[2].split(":")
    return int(hours) * 60 + int(minutes)


@pytest.mark.feature("F30.03", partly="campaigns: manual lists under «Звонок»")
def test_the_rail_leads_to_office_call_and_new_customer(centre, operator):
    desk = operator(centre.branch().operators[0], language="ru")
    number = new_number()
    centre.callers.set_far_end(number, outcome="no_answer")
    rail = desk.page.locator("#rail nav")
    assert [name for name in texts(rail.locator("a")) if name in {"Офис", "Звонок", "Ввод АПД"}] == [
        "Офис",
        "Звонок",
        "Ввод АПД",
    ]
    rail.get_by_role("link", name="Офис").click()
    expect(desk.workspace.get_by_role("search")).to_be_visible()
    rail.get_by_role("link", name="Ввод АПД").click()
    expect(desk.workspace.get_by_role("heading", name="Новый клиент")).to_be_visible()
    rail.get_by_role("link", name="Звонок").click()
    desk.workspace.locator("#field-outgoing-number").fill(f"+{number}")
    desk.workspace.get_by_role("button", name="Позвонить").first.click()
    desk.is_in("dialling")
    desk.press("hang_up")
    desk.is_in("wrapup")


@pytest.mark.feature("F30.01")
def test_customers_open_as_tabs_beside_the_list_and_the_call(centre, operator):
    branch = centre.branch()
    mark = f"Tabbed{branch.code}"
    numbers = [new_number(), new_number()]
    for name, number in zip(("Antonova", "Borisova"), numbers, strict=True):
        centre.customer(f"{mark} {name}", number)
    desk = operator(branch.operators[0])
    tabs = desk.page.locator("#tabs .tab")
    names = tabs.locator("a > span")
    desk.page.locator("#rail nav").get_by_role("link", name="Office").click()
    for number in numbers:
        desk.workspace.locator("#field-phone").fill(f"+{number}")
        desk.workspace.get_by_role("button", name="Find").click()
        desk.workspace.locator("#candidate-rows th a").first.click()
        expect(desk.workspace.locator(".customer-page")).to_be_visible()
        tabs.filter(has_text="Office").first.locator("a").click()
        expect(desk.workspace.get_by_role("search")).to_be_visible()
    expect(names.filter(has_text="Tabbed")).to_have_count(2)
    expect(names.filter(has_text="Office").first).to_be_visible()

    centre.rings(branch, f"+{new_number()}")
    desk.choose_state("ready:")
    desk.is_in("ringing")
    expect(tabs.first).to_have_attribute("data-current", "")
    desk.answer()
    names.filter(has_text="Antonova").click()
    expect(desk.workspace.locator(".customer-page h1")).to_contain_text("Antonova")
    desk.is_in("talking")

    desk.page.locator("#rail nav").get_by_role("link", name="Knowledge").click()
    expect(desk.workspace.get_by_role("heading", name="Knowledge")).to_be_visible()
    expect(names.filter(has_text="Knowledge")).to_have_count(1)
    tabs.first.locator("a").click()
    expect(desk.workspace.locator("#found-query")).to_be_visible()
    expect(names.filter(has_text="Knowledge")).to_have_count(1)

    tabs.filter(has_text="Antonova").locator("[data-tab-close]").click()
    expect(names.filter(has_text="Antonova")).to_have_count(0)
    expect(names.filter(has_text="Borisova")).to_have_count(1)
    desk.is_in("talking")


@pytest.mark.feature("F31.01")
@pytest.mark.feature("F31.02")
def test_a_bare_browser_and_our_own_base_suffice(centre, operator):
    """A fresh profile without extensions, on a system that knows no other base: found, registered, kept."""
    desk = operator(centre.branch().operators[0])
    number, name = new_number(), "Vasilyeva"
    asked: set[str] = set()
    desk.page.on("request", lambda request: asked.add(urlsplit(request.url).netloc))
    desk.page.locator("#rail nav").get_by_role("link", name="New customer").click()
    desk.workspace.locator("[name=phone_contact]").fill(f"+{number}")
    desk.workspace.locator("[name=last_name]").fill(name)
    desk.workspace.locator("form .btn-primary").click()
    expect(desk.workspace.locator(".customer-page h1")).to_contain_text(name)
    kept = Customer.objects.get(points__digits=number)
    assert kept.last_name == name
    assert asked == {urlsplit(centre.url).netloc}, "every request went to our own system"


@pytest.mark.feature("F31.03")
@pytest.mark.feature("F31.05", partly="customers and field staff on line: portal, mobile")
def test_what_one_writes_another_sees_at_once(centre, operator, talk):
    talking = talk(operators=2)
    customer = talking.customer
    colleague = operator(talking.colleague)
    colleague.page.goto(f"{centre.url}/customers/{customer.pk}/")
    talking.desk.add_note("asks for a call tomorrow")
    entry = colleague.page.locator("main").get_by_text("asks for a call tomorrow")
    colleague.page.reload()
    expect(entry).to_be_visible()

    # Live, without loading anything anew: the call moves on to the colleague's desk with everything in it.
    colleague.come()
    colleague.ready()
    talking.desk.send_to(colleague.address)
    colleague.answer()
    expect(colleague.helper.locator(".note-list")).to_contain_text("asks for a call tomorrow")
    talking.desk.is_in("wrapup")


@pytest.mark.feature("F31.04", partly="channels beside telephone and visit")
def test_one_timeline_holds_all_departments_and_channels(centre, operator):
    sales, service = centre.branch(ready_after=True), centre.branch()
    number = new_number()
    customer = centre.customer("Smirnova", number)
    _visited(sales.operators[0], customer, sales.line.project)
    first = operator(sales.operators[0])
    first.ready()
    call = centre.rings(sales, f"+{number}")
    first.answer()
    first.add_note("asked in sales")
    centre.callers.caller_hangs_up(call)
    first.is_in("wrapup")
    first.add_topic("Complaint")
    first.choose_result("solved")
    first.finish()
    first.is_in("ready")
    sales.operators[0].projects.add(service.line.project)
    service.operators[0].projects.add(sales.line.project)

    other = operator(service.operators[0])
    other.ready()
    centre.rings(service, f"+{number}")
    other.answer()
    entries = other.workspace.locator(".timeline-entry")
    expect(entries).to_have_count(3)
    expect(entries.nth(0)).to_have_attribute("data-current", "")
    expect(entries.nth(1)).to_contain_text("asked in sales")
    expect(entries.nth(2)).to_contain_text("brought a paper")
    assert Interaction.objects.filter(customer=customer).values("project").distinct().count() == 2


def _visited(user, customer: Customer, project: Project) -> None:
    register_visit(
        customer_id=customer.pk, project_id=project.pk, note="brought a paper", by=user.actor(), now=clock.now()
    )


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_office_card_and_report_are_usable_by_all(centre, operator, new_context, theme):
    branch = centre.branch(role="supervisor")
    number = new_number()
    customer = centre.customer("Smirnova", number)
    page = operator(branch.operators[0], language="ru").page
    page.emulate_media(color_scheme=theme)  # type: ignore[arg-type]
    for name, path in {
        "office": f"/office/?phone=%2B{number}",
        "card": f"/customers/{customer.pk}/",
        "edit": f"/customers/{customer.pk}/edit/",
        "journal": f"/customers/{customer.pk}/journal/",
        "new": "/customers/new/",
        "call": "/desk/call/",
        "me": "/me/",
        "report": "/reports/calls/",
        "report-list": "/reports/calls/list/",
        "refused": "/topics/",
        "not-found": "/nowhere/",
    }.items():
        page.goto(f"{centre.url}{path}")
        look_at(page, f"page-{name}-{theme}")


@pytest.mark.parametrize("at_the_desk", [False, True])
def test_a_sent_form_leads_to_what_came_of_it_and_a_wrong_one_to_its_field(centre, operator, at_the_desk):
    page = operator(centre.branch().operators[0]).page
    page.goto(f"{centre.url}{'/desk/' if at_the_desk else '/'}")
    page.get_by_role("link", name="New customer").first.click()
    name, phone = (page.locator(f"#workspace #field-{name}") for name in ("last_name", "phone_mobile"))
    name.fill("Lovelace")
    phone.fill("12345")
    send = page.locator("#workspace .form-actions .btn-primary")

    send.click()
    expect(phone).to_be_focused()
    expect(page.locator("#workspace .notice[role=alert]")).to_be_visible()
    phone.fill(new_number())
    send.click()
    expect(page.locator("#workspace h1")).to_contain_text("Lovelace")
    page.wait_for_url(re.compile(r"/customers/[0-9a-f-]{36}/"))
    page.reload()

    expect(page.locator("#workspace h1")).to_contain_text("Lovelace")
    if at_the_desk:
        page.get_by_role("link", name="New customer").first.click()
        expect(page.locator("#workspace h1")).to_have_text("New customer")


@pytest.mark.feature("F30.14")
@pytest.mark.parametrize("zoom", [0.5, 0.67, 1.5, 2.0])
def test_pages_survive_any_zoom(centre, operator, zoom):
    """All fields of the longest form can be reached, and no page sticks out to the side."""
    page = operator(centre.branch(role="supervisor").operators[0]).page
    customer = centre.customer("Smirnova", new_number())
    page.set_viewport_size({"width": round(1366 / zoom), "height": round(768 / zoom)})
    for path in ("/office/?name=Smirnova", f"/customers/{customer.pk}/", "/desk/call/", "/reports/calls/", "/me/"):
        page.goto(f"{centre.url}{path}")
        assert _sticks_out(page) <= 0, path
    page.goto(f"{centre.url}/customers/new/")
    assert _sticks_out(page) <= 0
    for field in page.locator("main .input:visible, main .select:visible, main .form-actions .btn").all():
        field.scroll_into_view_if_needed()
        expect(field).to_be_in_viewport(ratio=1)


def _sticks_out(page: Page) -> int:
    wide: int = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    return wide


def test_what_was_typed_wrong_into_a_small_form_stays_there_with_the_words(centre, operator):
    branch, number = centre.branch(), new_number()
    customer = centre.customer("Smirnova", number)
    page = operator(branch.operators[0]).page
    page.goto(f"{centre.url}/customers/{customer.pk}/")
    page.get_by_label(f"Change +{number}").click()
    menu = page.locator("[popover]:popover-open")

    menu.get_by_label("Correct").fill("abc")
    menu.get_by_role("button", name="Confirm").click()
    expect(menu.get_by_role("alert")).to_contain_text("This is no telephone number")
    expect(menu.get_by_label("Correct")).to_have_value("abc")
    expect(page.locator("#workspace h1")).to_contain_text("Smirnova")

    menu.get_by_label("Correct").fill(new_number())
    expect(menu.get_by_role("alert")).to_have_count(0)
    menu.get_by_role("button", name="Confirm").click()
    page.get_by_label("Reason, comment").fill("a new SIM")
    page.get_by_role("button", name="Save changes").click()
    expect(page.locator("#workspace .notice")).to_be_visible()
    expect(page.locator("[popover]:popover-open")).to_have_count(0)
