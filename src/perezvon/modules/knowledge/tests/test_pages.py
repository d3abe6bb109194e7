"""The pages of the base."""

from __future__ import annotations

import html
import re

import pytest
from django.urls import reverse

from perezvon.foundation import clock
from perezvon.modules.catalogue.models import Product, ProductKind
from perezvon.modules.knowledge import services
from perezvon.modules.knowledge.models import Article, State, Synonyms, Unanswered
from perezvon.modules.knowledge.tests.conftest import BY

pytestmark = pytest.mark.django_db


def words_of(response) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", response.content.decode()).split())


@pytest.fixture
def known(put) -> Article:
    return put("Fee returned", "Three & more days.", body="<p>Steps</p>", at=clock.now())


class TestReading:
    def test_an_operator_finds_and_reads(self, client, person, known):
        client.force_login(person("olga", "operator"))

        page = client.get(reverse("knowledge:home"), {"q": "fees days"})

        assert "Found: 1" in words_of(page)
        assert "Three &amp; more <mark>days</mark>" in page.content.decode()
        article = words_of(client.get(reverse("knowledge:article", args=[known.pk])))
        assert "In short: what to tell the customer Three &amp; more days. Steps" in article
        assert "Suggest a change" not in article
        for name in ("work", "new", "list", "sections"):
            assert client.get(reverse(f"knowledge:{name}")).status_code == 403

    def test_what_is_looked_for_in_vain_is_work_for_the_editors(self, client, person, known):
        client.force_login(person("olga", "operator"))
        for _twice in range(2):
            client.get(reverse("knowledge:home"), {"q": "crypto wallet"})
        client.force_login(person("lisina", "information_administrator"))

        assert "crypto wallet" in words_of(client.get(reverse("knowledge:sections")))
        row = Unanswered.objects.get()
        assert row.asked == 2
        client.post(reverse("knowledge:settle", args=[row.pk]))
        assert "crypto wallet" not in words_of(client.get(reverse("knowledge:sections")))

    @pytest.mark.feature("F12.07")
    def test_what_a_form_has_chosen_opens_in_a_tab_of_its_own(self, client, person, put):
        client.force_login(person("olga", "operator"))
        kind = ProductKind.objects.create(code="loan", name={"en": "Loans"})
        loan = Product.objects.create(code="car", name={"en": "Car loan"}, kind=kind)
        address = reverse("knowledge:about")
        assert client.get(address, {"product": "car"}).headers["Location"].endswith("?q=Car+loan")
        one = put("Papers for the car", product_ids=frozenset({loan.pk}), at=clock.now())
        assert (
            reverse("knowledge:article", args=[one.pk]) in client.get(address, {"product": "car"}).headers["Location"]
        )
        put("Rates of car loans", product_ids=frozenset({loan.pk}), at=clock.now())

        shown = words_of(client.get(address, {"product": "car"}))

        assert "Papers for the car" in shown
        assert "Rates of car loans" in shown
        assert client.get(address, {"topic": "rubbish"}).status_code == 302


class TestWriting:
    @pytest.mark.feature("F12.06")
    def test_from_the_form_to_being_in_force(self, client, person, section):
        client.force_login(person("lisina", "information_administrator"))
        typed = {"section": section.pk, "kind": "article", "audience": "staff", "title": "", "brief": "Any day"}

        refused = client.post(reverse("knowledge:new"), typed)
        assert refused.status_code == 422
        assert "Any day" in refused.content.decode()
        client.post(reverse("knowledge:new"), typed | {"title": "Cashback in December", "submit": "1"})

        article = Article.objects.get()
        assert article.versions.get().state == State.WAITING
        assert "Cashback in December" in words_of(client.get(reverse("knowledge:work")))
        client.post(reverse("knowledge:act", args=[article.pk, "approve"]), {"number": 1})
        assert "in force" in words_of(client.get(reverse("knowledge:article", args=[article.pk])))
        assert "Cashback in December" in words_of(client.get(reverse("knowledge:list")))
        assert "Cashback in December" in words_of(client.get(reverse("knowledge:versions", args=[article.pk])))
        assert client.post(reverse("knowledge:act", args=[article.pk, "dance"])).status_code == 404

    def test_another_version_shows_beside_the_one_in_force(self, client, person, known, section):
        wanted = services.Wanted(section.pk, "Fee returned sooner")
        services.change(article_id=known.pk, version=known.version, wanted=wanted, by=BY, now=clock.now())
        client.force_login(person("lisina", "information_administrator"))
        address = reverse("knowledge:article", args=[known.pk])

        assert "There is another version" in words_of(client.get(address))
        assert "Fee returned sooner" in words_of(client.get(address, {"draft": ""}))

    def test_a_translation_is_written_and_read_by_those_who_speak_it(self, client, person, put, section):
        russian = put("Возврат комиссии", "Вернём за три дня.", language="ru", at=clock.now())
        client.force_login(person("lisina", "information_administrator"))
        here = reverse("knowledge:article", args=[russian.pk])
        link = re.search(r'href="([^"]*translates[^"]*language=en[^"]*)"', client.get(here).content.decode())[1]
        form = html.unescape(link)
        assert "Возврат комиссии" in client.get(form).content.decode()  # it begins as what it translates
        typed = {
            "section": section.pk, "kind": "article", "audience": "staff", "original": russian.pk, "language": "en",
            "title": "Fee returned", "brief": "We return it in three days.", "submit": "1",
        }  # fmt: skip
        assert client.post(form, typed).status_code == 302
        english = Article.objects.get(language="en")
        client.post(reverse("knowledge:act", args=[english.pk, "approve"]), {"number": 1})
        again = client.post(form, typed)
        assert (again.status_code, Article.objects.count()) == (422, 2)

        client.force_login(person("olga", "operator"))
        moved = client.get(here)
        assert moved["Location"].startswith(reverse("knowledge:article", args=[english.pk]))
        assert "Вернём за три дня" in words_of(client.get(f"{here}?original"))
        found = words_of(client.get(reverse("knowledge:home"), {"q": "fee"}))
        assert "Fee returned" in found
        assert "Возврат комиссии" not in found


class TestArranging:
    def test_sections_and_words(self, client, person, section):
        client.force_login(person("lisina", "information_administrator"))
        typed = {"code": "fees", "name_ru": "", "name_en": "Fees", "parent": section.pk, "position": "1"}

        assert client.post(reverse("knowledge:section_new"), typed).status_code == 302
        assert client.post(reverse("knowledge:section_new"), typed).status_code == 422
        assert "Fees" in words_of(client.get(reverse("knowledge:sections")))
        client.post(reverse("knowledge:synonyms"), {"words": "card, plastic"})
        row = Synonyms.objects.get()
        client.post(reverse("knowledge:synonyms"), {"row": row.pk, "words": ""})
        assert not Synonyms.objects.exists()
        assert "problem" in client.post(reverse("knowledge:synonyms"), {"words": "card"}).headers["Location"]
