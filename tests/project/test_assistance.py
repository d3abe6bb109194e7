"""The blueprint of an assistance company: another product from the same code (F29.04, F07.09)."""

from __future__ import annotations

import html
import re
from datetime import UTC, date, datetime

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import translation
from django.utils.formats import date_format

from perezvon.foundation.access import System
from perezvon.foundation.people.models import Project, Role, User
from perezvon.kernel.ids import uuid7
from perezvon.modules.customers import services
from perezvon.modules.customers.models import Contract, Customer
from perezvon.modules.customers.services import FieldsWrong, Terms
from perezvon.modules.interactions import services as interactions
from perezvon.modules.interactions.models import Channel, Interaction
from perezvon.project import blueprint
from perezvon.project.messages import PREPARED, SOURCE, catalogues, read_catalogue, texts_in, texts_of

NOW = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)
BY = System(name="test")


def text_of(response) -> str:
    page = re.sub(r"<script.*?</script>|<head.*?</head>", " ", response.content.decode(), flags=re.S)
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", page)).replace("\xa0", " ").split())


@pytest.fixture
def loaded(db) -> None:
    blueprint.load(blueprint.read("assistance"), now=NOW)


@pytest.fixture
def shevchenko(loaded) -> Customer:
    typed = {"last_name": "Шевченко", "first_name": "Оксана", "phone_mobile": "+380 44 123-45-67"}
    return services.register_potential(typed=typed, by=BY, now=NOW)


@pytest.fixture
def clinic(loaded) -> Customer:
    typed = {
        "kind": "company", "company_name": "Клиника Вега", "region": "Киевская", "town": "Киев",
        "custom_specialisation": "traumatology", "custom_edrpou": "32855961", "phone_work": "+380 44 765-43-21",
    }  # fmt: skip
    return services.register_potential(typed=typed, by=BY, now=NOW)


def sign_in(language: str, role: str = "supervisor") -> Client:
    user = User.objects.create_user(role, last_name="Kovalenko", role=Role.objects.get(code=role), language=language)
    user.projects.set(Project.objects.all())
    client = Client()
    client.force_login(user)
    return client


def contact(customer: Customer, user: User) -> Interaction:
    return Interaction.objects.create(
        id=uuid7(NOW), number=1, project=Project.objects.get(code="assistance"), channel=Channel.PHONE,
        direction="inbound", customer=customer, began_at=NOW, answered_at=NOW, agent=user,
    )  # fmt: skip


class TestBlueprint:
    def test_loads_into_an_empty_system_and_loads_again(self, loaded):
        written = blueprint.export()

        blueprint.load(blueprint.read("assistance"), now=NOW)

        assert blueprint.export() == written
        assert [project["code"] for project in written["projects"]] == ["assistance", "roadside"]

    def test_has_providers_with_what_they_can_do_and_where(self, clinic):
        page = text_of(sign_in("en").get(f"/customers/{clinic.pk}/"))

        assert "Provider" in page
        assert "Traumatology" in page
        assert "EDRPOU / OKPO 32855961" in page
        assert "Киевская" in text_of(sign_in("en", "operator").get(f"/customers/{clinic.pk}/?tab=more"))

    def test_checks_company_codes(self, loaded):
        with pytest.raises(FieldsWrong):
            services.register_potential(
                typed={"kind": "company", "company_name": "Нет", "email": "a@b.example", "custom_edrpou": "32855962"},
                by=BY,
                now=NOW,
            )

    def test_has_policies_of_insurers_in_hryvnias(self, shevchenko, clinic):
        client = sign_in("en")
        new = f"/customers/{shevchenko.pk}/contracts/new/"
        assert '<option value="UAH" selected>' in client.get(new).content.decode()

        client.post(new, {
            "contract_number": "К/001031", "contract_state": "active", "currency": "UAH", "sum": "12500",
            "partner_card": str(clinic.number), "custom_programme": "comfort", "custom_sum_left": "9 000",
        })  # fmt: skip

        page = text_of(client.get(f"/contracts/{Contract.objects.get().pk}/"))
        assert "Partner Клиника Вега" in page
        assert "12,500 ₴" in page
        assert "Programme Comfort" in page
        assert "9,000 ₴" in page


class TestTopicInWords:
    @pytest.mark.feature("F07.09")
    def test_stands_beside_the_tree_and_the_category_is_a_dictionary_of_its_own(self, shevchenko):
        client = sign_in("en", "operator")
        olga = User.objects.get(login="operator")
        found = contact(shevchenko, olga)

        client.post(reverse("desk:topic_text", args=[found.pk]), {"text": "  перелом?  пиритонит "})
        client.post(reverse("interactions:dimension", args=[found.pk]), {"category": "clinic"})

        found.refresh_from_db()
        assert (found.topic_text, found.dimensions) == ("перелом? пиритонит", {"category": "clinic"})
        page = text_of(client.get(f"/contacts/{found.pk}/"))
        assert "перелом? пиритонит" in page
        assert "Category Clinic" in page
        assert "перелом? пиритонит" in text_of(client.get(f"/customers/{shevchenko.pk}/"))
        panel = client.post(reverse("desk:speaker", args=[found.pk]), {"helper": "1"}).content.decode()
        assert 'value="перелом? пиритонит"' in panel
        saved = interactions.save_result(
            interaction_id=found.pk, result="arranged", fields={}, by=olga.actor(), now=NOW
        )
        assert saved.result.code == "arranged"  # a topic in words is a topic

    def test_is_not_there_where_the_project_does_not_want_it(self, shevchenko):
        Project.objects.update(settings={})
        client = sign_in("en", "operator")
        found = contact(shevchenko, User.objects.get(login="operator"))

        client.post(reverse("desk:topic_text", args=[found.pk]), {"text": "перелом"})

        found.refresh_from_db()
        assert found.topic_text == ""


@pytest.mark.feature("F29.04", partly="the whole interface in Ukrainian: what people see first is translated")
class TestUkrainian:
    def test_is_read_by_those_who_choose_it(self, shevchenko):
        client = sign_in("uk")

        page = text_of(client.get(f"/customers/{shevchenko.pk}/"))

        for words in ("Особисті дані", "Контактні дані", "Не турбувати", "Договори", "Представники"):
            assert words in page
        assert 'lang="uk"' in client.get("/customers/").content.decode()

    def test_falls_back_to_russian_and_names_to_what_there_is(self, loaded):
        translated = {
            text for path in catalogues(SOURCE) if path.parts[-3] == "uk" for text in texts_of(read_catalogue(path))
        }
        untranslated = "Nothing is erased yet. There is no way back after this step."
        with translation.override("uk"):
            assert translation.gettext(untranslated).startswith("Ещё ничего не стёрто.")
            assert str(Project.objects.get(code="assistance")) == "Медичний асистанс"
            assert str(Project(name={"ru": "Кредиты"})) == "Кредиты"
        assert len(translated) > 150

    def test_counts_and_writes_dates_as_ukrainians_do(self):
        with translation.override("uk"):
            years = [
                translation.ngettext("{age} year", "{age} years", age).format(age=age) for age in (1, 3, 5, 11, 21, 22)
            ]
            day = date_format(date(2026, 11, 22), "DATE_FORMAT")
            short = date_format(date(2026, 11, 22), "SHORT_DATE_FORMAT")
        assert years == ["1 рік", "3 роки", "5 років", "11 років", "21 рік", "22 роки"]
        assert "листопада 2026" in day
        assert short == "22.11.2026"

    @pytest.mark.parametrize("language", PREPARED)
    def test_holds_nothing_that_is_not_said_and_nothing_doubtful(self, language):
        said = set(texts_in(SOURCE))
        read = [read_catalogue(path) for path in catalogues(SOURCE) if path.parts[-3] == language]

        assert read
        assert [text for one in read for text in texts_of(one) if text not in said] == []
        assert [message.id for one in read for message in one if message.id and message.fuzzy] == []
        assert [str(error) for one in read for _, errors in one.check() for error in errors] == []


def test_a_policy_may_end_a_day_after_it_began(shevchenko):
    terms = Terms("К/1", begins_on=date(2026, 1, 1), ends_on=date(2026, 1, 2), currency="UAH")

    made = services.add_contract(customer_id=shevchenko.pk, terms=terms, by=BY, now=NOW)

    assert made.currency == "UAH"
