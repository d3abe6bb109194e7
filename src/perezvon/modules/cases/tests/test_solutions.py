"""The knowledge base beside a case: suggested, taken, counted, and what the case teaches."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse

from perezvon.foundation import clock
from perezvon.foundation.people.models import Project, User
from perezvon.kernel.errors import NotFound
from perezvon.modules.cases import services
from perezvon.modules.cases.models import Case, CaseState, Stage
from perezvon.modules.cases.selectors import solved_like
from perezvon.modules.cases.tests.conftest import NOW, SYSTEM, person
from perezvon.modules.catalogue.models import Product, ProductKind
from perezvon.modules.knowledge import services as knowledge
from perezvon.modules.knowledge.models import Article, Kind, Section, State, Verdict

pytestmark = pytest.mark.django_db
FROM = NOW - timedelta(days=1)


@pytest.fixture
def library() -> Section:
    return Section.objects.create(code="solutions", name={"en": "Solutions"}, is_library=True)


@pytest.fixture
def card() -> Product:
    kind = ProductKind.objects.create(code="card", name={"en": "Cards"})
    return Product.objects.create(code="gold", name={"en": "Gold card"}, kind=kind)


def put(library: Section, title: str, *products: Product) -> Article:
    wanted = knowledge.Wanted(
        library.pk, title, Kind.SOLUTION, product_ids=frozenset(product.pk for product in products)
    )
    article = knowledge.write(wanted=wanted, by=SYSTEM, now=FROM)
    knowledge.approve(article_id=article.pk, number=1, by=SYSTEM, now=FROM)
    return article


def browser(login: str) -> Client:
    client = Client(headers={"Accept-Language": "en"})
    client.force_login(User.objects.get(login=login))
    return client


def words_of(response) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", response.content.decode()).split())


@pytest.mark.feature("F12.14")
@pytest.mark.feature("F12.23", partly="orders of service (service)")
@pytest.mark.feature("F09.13")
def test_solutions_for_its_product_come_by_themselves(register, card, library, olga):
    put(library, "Gold is refused abroad", card)
    put(library, "Fee for the card comes back")
    put(library, "Something else")
    case = register("complaint", product=str(card.pk))

    part = words_of(browser("olga").get(reverse("cases:solutions", args=[case.pk])))

    assert "Gold is refused abroad for this product" in part
    assert "Fee for the card comes back by its words" in part
    assert "Something else" not in part


@pytest.mark.feature("F12.15", partly="work orders (orders)")
def test_what_is_taken_and_whether_it_solved_it_is_counted(register, library, olga):
    article, case = put(library, "Fee for the card comes back"), register("complaint")
    client, address = browser("olga"), reverse("cases:solutions", args=[case.pk])

    client.post(address, {"article": str(article.pk), "verdict": "used"})
    part = words_of(client.post(address, {"article": str(article.pk), "verdict": "solved"}))

    assert "Fee for the card comes back solved the problem" in part
    article.refresh_from_db()
    assert (article.used, article.solved) == (1, 1)
    assert client.post(address, {"article": "x", "verdict": "used"}).status_code == 404
    assert client.post(address, {"article": str(article.pk), "verdict": "nonsense"}).status_code == 404


@pytest.mark.feature("F12.19")
@pytest.mark.feature("F12.22", partly="work orders")
def test_a_solved_case_becomes_a_draft_that_somebody_has_to_approve(register, library, viktor, olga):
    case = register("complaint", text="Charged <twice>")
    services.comment_case(case_id=case.pk, text="The branch took it again", by=olga, now=NOW)
    services.comment_case(case_id=case.pk, text="It comes back tomorrow", is_public=True, by=olga, now=NOW)

    article = services.write_solution(case_id=case.pk, by=viktor, now=NOW)

    assert services.write_solution(case_id=case.pk, by=viktor, now=NOW) == article
    draft = article.versions.get()
    assert (draft.title, draft.brief, draft.state) == ("Fee for the card", "It comes back tomorrow", State.DRAFT)
    assert draft.body == "<p>Charged &lt;twice&gt;</p><p>The branch took it again</p>"
    assert article.used == 0


def test_without_a_library_it_says_so(register, viktor):
    with pytest.raises(services.NoLibrary):
        services.write_solution(case_id=register("complaint").pk, by=viktor, now=NOW)


def test_the_button_stands_under_a_case_that_is_over(register, library, viktor):
    case = register("complaint")
    address = reverse("cases:solutions", args=[case.pk])
    client = browser("viktor")
    assert "Write down how it was solved" not in words_of(client.get(address))
    solved = CaseState.objects.get(kind=case.kind, code="solved")
    Case.objects.filter(pk=case.pk).update(state=solved, stage=solved.stage)

    assert "Write down how it was solved" in words_of(client.get(address))
    assert client.post(address, {"write": "1"}).headers["Location"].endswith("/edit/")


def test_of_a_case_that_is_not_his_nobody_takes_anything(register, library, cards):
    article, case = put(library, "Fee"), register("complaint")
    Case.objects.filter(pk=case.pk).update(project=cards)

    with pytest.raises(NotFound):
        services.take_solution(
            case_id=case.pk, article_id=article.pk, verdict=Verdict.USED,
            by=User.objects.get(login="olga").actor(), now=clock.now(),
        )  # fmt: skip


class TestFoundInTheBase:
    @pytest.mark.feature("F12.09", partly="orders of service and of work: those modules are not there yet")
    def test_the_search_of_the_base_finds_solved_cases_in_other_forms_of_the_words(self, register, olga, kinds):
        solved, under_way = register(subject="Возврат комиссии по карте"), register(subject="Возврат комиссии в работе")
        over(solved)

        page = words_of(browser("olga").get(reverse("knowledge:home"), {"q": "вернуть комиссию"}))
        same = words_of(browser("olga").get(reverse("knowledge:home"), {"q": "возвраты комиссий"}))

        assert "Solved cases" not in page  # other words, though they mean the same
        assert f"Solved cases {solved.code} Возврат комиссии по карте" in same
        assert under_way.code not in same

    def test_whoever_may_not_see_a_case_does_not_find_it(self, register, olga, kinds):
        over(register(subject="Refund of the fee"))
        other = Project.objects.create(code="cards", number=102, name={"en": "Cards"})
        pavel = person("pavel", other)

        assert [case.subject for case in solved_like("refunds", by=olga, limit=5)] == ["Refund of the fee"]
        assert solved_like("refunds", by=pavel, limit=5) == []
        assert solved_like("the", by=olga, limit=5) == []
        assert solved_like("' & | ! <-> :* \\", by=olga, limit=5) == []


def over(case: Case) -> None:
    state = CaseState.objects.filter(kind=case.kind_id, stage=Stage.SOLVED).first() or CaseState.objects.get(
        kind=case.kind_id, stage=Stage.CLOSED
    )
    Case.objects.filter(pk=case.pk).update(state=state, stage=state.stage, over_at=NOW)
