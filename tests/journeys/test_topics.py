"""What contacts are about: trees that ship, trees that are changed during the day, several topics on one contact."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from perezvon.foundation import clock
from perezvon.foundation.people.models import Project
from perezvon.modules.topics.models import Topic
from perezvon.project import blueprint
from tests.support import eventually
from tests.support.centre import Branch, new_number
from tests.support.desk import texts

BANK = {
    "Другое": [],
    "Информация по кредитной заявке": None,
    "Информация по операциям клиента": None,
    "Консультация по продуктам и услугам": None,
    "Перевод вызова": [],
    "Предоставление адресной и контактной информации": [],
    "Расчёт платежа по кредиту на основе заданных параметров": [],
    "Расчёты по действующим кредитам": [
        "Перерасчёт периода кредитования при частичном досрочном погашении",
        "Перерасчёт суммы ежемесячного платежа при частичном досрочном погашении",
        "Расчёт суммы для полного досрочного погашения",
    ],
    "Рекламации": ["Регистрация рекламации"],
}
INSURED = (
    "Тематика обращений в СС (входящие вызовы)",
    "Консультации потенциальным клиентам",
    "Страхование выезжающих за рубеж",
)


def give_topics(branch: Branch, name: str) -> None:
    """The topics of a blueprint that ships, instead of the bank's."""
    shipped = blueprint.read(name)
    project = Project.objects.get(code=branch.code)
    for is_root in (False, True):
        Topic.objects.filter(project=project, parent__isnull=is_root).delete()
    plan = {"projects": [{"code": branch.code, "number": project.number, "name": project.name, "zone": project.zone}]}
    [rows] = shipped["topics"].values()
    blueprint.load(plan | {"topics": {branch.code: rows}, "identification": shipped["identification"]}, now=clock.now())


def below(page: Page, branch: str) -> list[str]:
    """The names under a branch of the picker, opened."""
    details = page.locator(f"#topic-tree details:has(> summary:has-text('{branch}'))")
    if details.get_attribute("open") is None:
        details.locator("summary").first.click()
    return [name.strip() for name in details.locator("button.tree-leaf").all_text_contents()]


@pytest.mark.feature("F07.02")
def test_a_bank_has_its_topics_from_the_first_day(talk):
    page = talk(language="ru").desk.page
    expect(page.locator("#topic-tree")).to_be_visible()
    roots = page.locator("#topic-tree form > ul > li")
    names = {text.splitlines()[0].strip() for text in texts(roots)}
    assert set(BANK) <= names
    for name, children in BANK.items():
        if children:
            assert below(page, name) == children


@pytest.mark.feature("F07.03")
def test_a_telecom_topic_says_nothing_of_the_direction(centre, operator):
    """An outgoing call carries the topic «Входящий звонок», and stands so in the customer's history."""
    branch, number = centre.branch(), new_number()
    give_topics(branch, "telecom")
    customer = centre.customer("Smirnova", number)
    centre.callers.set_far_end(number, outcome="answers")
    desk = operator(branch.operators[0], language="ru")
    desk.page.fill("#dial-number", f"+{number}")
    desk.page.locator(".callbar-dial button").click()
    desk.is_in("talking")
    assert set(texts(desk.page.locator("#topic-tree button.tree-leaf"))) >= {
        "Входящий звонок",
        "Восстановление доступа",
        "Активация аккаунта",
        "Удаление ЛС",
    }
    desk.add_topic("Входящий звонок")
    desk.hang_up()
    desk.choose_result("solved")
    desk.finish()
    desk.is_in("out")
    desk.page.goto(f"{centre.url}/customers/{customer.pk}/")
    entry = desk.page.locator(".timeline-entry").first
    expect(entry).to_contain_text("Исходящий")
    expect(entry).to_contain_text("Входящий звонок")


@pytest.mark.feature("F07.07")
def test_an_insurer_picks_from_a_tree_of_three_levels(centre, operator):
    branch = centre.branch()
    give_topics(branch, "insurance")
    desk = operator(branch.operators[0], language="ru")
    desk.ready()
    centre.rings(branch, f"+{new_number()}")
    desk.answer()
    kinds = below(desk.page, INSURED[0])
    for kind in ("ОСГПО", "КАСКО", "имущества", "жизни", "выезжающих за рубеж", "бизнес-рисков", "Медицинское"):
        assert any(kind in name for name in kinds), kind
    below(desk.page, INSURED[1])
    desk.add_topic(INSURED[-1])
    expect(desk.helper.locator(".topic")).to_contain_text(" › ".join(INSURED))


@pytest.mark.feature("F07.04")
def test_several_topics_and_subtopics_on_one_call(centre, talk):
    talking = talk()
    desk = talking.desk
    desk.add_topic("Products and services", "Loans")
    desk.add_topic("Calculations on current loans", "Sum for full early repayment")
    desk.add_topic("Complaint")
    expect(desk.helper.locator(".topic")).to_have_count(3)
    desk.helper.locator(".topic", has_text="Complaint").get_by_role("button").click()
    expect(desk.helper.locator(".topic")).to_have_count(2)
    assert {row.topic.name["en"] for row in talking.branch.newest_contact().topics.all()} == {
        "Loans",
        "Sum for full early repayment",
    }


@pytest.mark.feature("F07.05")
@pytest.mark.feature("F31.05", partly="customers and field staff on line: portal, mobile")
def test_the_tree_changes_while_an_operator_talks(centre, operator, talk, new_context):
    """Extended, edited, reduced: each change reaches the open desk by itself."""
    talking = talk()
    tree = talking.desk.page.locator("#topic-tree")
    project = talking.branch.line.project
    keeper = centre.branch(role="information_administrator").operators[0]
    keeper.language = "en"
    keeper.save()
    context = new_context()
    context.add_cookies([centre.session_of(keeper)])
    page = context.new_page()
    page.goto(f"{centre.url}/topics/?project={project.code}")

    page.get_by_role("link", name="Add a topic").click()
    page.fill("#field-topic-ru", "Отключение СМС")
    page.fill("#field-topic-en", "Switching texts off")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_role("row", name="Switching texts off")).to_be_visible()
    expect(tree.get_by_role("button", name="Switching texts off")).to_be_visible()

    page.get_by_role("link", name="Change “Switching texts off”").click()
    page.fill("#field-topic-en", "Text messages")
    page.select_option("#topic-parent", label="Products and services")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_role("row", name="Text messages")).to_be_visible()
    eventually(lambda: "Text messages" in below(talking.desk.page, "Products and services"))
    talking.desk.add_topic("Products and services", "Text messages")

    page.get_by_role("button", name="Withdraw “Text messages”").click()
    expect(page.get_by_role("row", name="Text messages")).to_contain_text("withdrawn")
    expect(tree.get_by_role("button", name="Text messages")).to_have_count(0)
    expect(talking.desk.helper.locator(".topic")).to_contain_text("Text messages")

    page.get_by_role("button", name="Restore “Text messages”").click()
    eventually(lambda: "Text messages" in below(talking.desk.page, "Products and services"))
