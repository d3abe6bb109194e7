"""Connecting a base of the company, as an administrator does it."""

from __future__ import annotations

import pytest
from django.urls import reverse

from perezvon.foundation.history.models import Change
from perezvon.modules.customers.blueprint import export_outside, load_outside
from perezvon.modules.customers.models import OutsideSource
from perezvon.modules.customers.services import FieldsWrong, OutsideSourceChanged, WantedSource, put_outside_source
from perezvon.modules.customers.tests.conftest import NOW, user

FORM = {
    "source_name_ru": "ЦРМ",
    "source_name_en": "CRM",
    "url": "http://127.0.0.1:9/find?phone={phone}",
    "header": "Authorization: Bearer {secret}",
    "secret": "s3cret-token",
    "path_list": "result.people",
    "path_key": "id",
    "path_phones": "phone, mobile.number",
    "facts": "Tariff = tariff.name\nDebt = debt",
    "in_use": "on",
}


@pytest.fixture
def admin(browse, loans):
    return browse(user("admin", "A", "B", "system_administrator", loans).actor())


def save(browser, source: OutsideSource | None = None, **more: str):
    url = reverse("customers:outside_source", args=[source.pk]) if source else reverse("customers:outside_source_new")
    return browser.post(url, FORM | ({"version": str(source.version)} if source else {}) | more)


class TestPage:
    def test_connects_a_base_and_never_shows_its_token(self, admin):
        assert save(admin).status_code == 302

        source = OutsideSource.objects.get()
        assert source.facts == [["Tariff", "tariff.name"], ["Debt", "debt"]]
        assert "s3cret-token" not in source.secret
        page = admin.get(reverse("customers:outside_source", args=[source.pk])).content.decode()
        assert "result.people" in page
        assert "s3cret-token" not in page
        assert source.secret not in page
        assert "CRM" in admin.get(reverse("customers:outside_sources")).content.decode()

    def test_keeps_the_token_while_it_goes_the_same_way(self, admin):
        save(admin)
        source = OutsideSource.objects.get()
        assert save(admin, source, secret="", path_key="code").status_code == 302
        kept = OutsideSource.objects.get()
        assert (kept.secret, kept.paths["key"]) == (source.secret, "code")

    @pytest.mark.parametrize("moved", [{"url": "http://evil.example/{phone}"}, {"header": "X-Other: {secret}"}])
    def test_asks_for_the_token_again_when_it_would_go_elsewhere(self, admin, moved):
        save(admin)
        source = OutsideSource.objects.get()
        answer = save(admin, source, secret="", **moved)
        assert answer.status_code == 422
        assert "Type the token again" in answer.content.decode()
        assert OutsideSource.objects.get().url == FORM["url"]
        assert save(admin, source, **moved).status_code == 302

    @pytest.mark.parametrize(
        ("wrong", "said"),
        [
            ({"url": "ftp://crm.example/{phone}"}, "An address begins"),
            ({"url": "http://crm.example/"}, "An address begins"),
            ({"url": "http://user:pass@crm.example/{phone}"}, "An address begins"),
            ({"url": "http://[crm/{phone}"}, "An address begins"),
            ({"header": "no colon"}, "A header looks like this"),
            ({"header": "X: a\nY: b"}, "A header looks like this"),
            ({"secret": "two\nlines"}, "A header looks like this"),
            ({"path_key": ""}, "Say where the answer has"),
            ({"path_list": "a..b"}, "A path has"),
            ({"facts": "no path"}, "One of the lines"),
            ({"source_name_ru": "", "source_name_en": ""}, "Not saved"),
        ],
    )
    def test_says_what_is_wrong_and_keeps_what_was_typed(self, admin, wrong, said):
        answer = save(admin, **wrong)
        assert answer.status_code == 422
        assert said in answer.content.decode()
        assert "mobile.number" in answer.content.decode()
        assert not OutsideSource.objects.exists()

    def test_there_is_one_for_each_project_and_one_for_all(self, admin, loans):
        save(admin)
        assert save(admin).status_code == 422
        assert save(admin, project=str(loans.pk)).status_code == 302

    def test_two_administrators_do_not_overwrite_each_other(self, admin):
        save(admin)
        source = OutsideSource.objects.get()
        save(admin, source, path_key="code")
        assert save(admin, source, path_key="other").status_code == 409
        assert OutsideSource.objects.get().paths["key"] == "code"

    def test_tries_a_number_in_words(self, admin):
        save(admin)
        url = reverse("customers:outside_source", args=[OutsideSource.objects.get().pk])
        assert "does not answer now" in admin.post(url, {"try": "89161234567"}).content.decode()
        assert admin.post(url, {"try": "x"}).status_code == 200

    def test_is_closed_to_others(self, browse, olga, viktor):
        for person in (olga, viktor):
            assert browse(person).get(reverse("customers:outside_sources")).status_code == 403


class TestKeeping:
    wanted = WantedSource({"en": "CRM"}, FORM["url"], FORM["header"], "s3cret-token", {"key": "id"}, [("A", "a")])

    def test_history_has_the_change_without_the_token(self, system, db):
        source = put_outside_source(wanted=self.wanted, by=system, now=NOW)
        kept = str(list(Change.objects.filter(table=OutsideSource._meta.db_table).values()))
        assert FORM["url"] in kept
        assert source.secret not in kept

    def test_a_blueprint_has_no_token_and_loads_into_the_same(self, system, loans):
        put_outside_source(wanted=self.wanted, by=system, now=NOW)
        put_outside_source(
            wanted=WantedSource({"ru": "Б"}, FORM["url"], paths={"key": "id"}, project_id=loans.pk, in_use=False),
            by=system,
            now=NOW,
        )
        said = export_outside()
        assert "s3cret" not in str(said)
        load_outside(said, system, NOW)
        assert list(OutsideSource.objects.values_list("version", flat=True)) == [1, 1]

        OutsideSource.objects.all().delete()
        load_outside(said, system, NOW)
        assert export_outside() == said

    def test_a_blueprint_does_not_send_the_token_elsewhere(self, system, db):
        put_outside_source(wanted=self.wanted, by=system, now=NOW)
        moved = {"customer_bases": [{**export_outside()["customer_bases"][0], "url": "http://evil.example/{phone}"}]}
        with pytest.raises(FieldsWrong):
            load_outside(moved, system, NOW)

    def test_an_older_version_is_refused(self, system, db):
        source = put_outside_source(wanted=self.wanted, by=system, now=NOW)
        with pytest.raises(OutsideSourceChanged):
            put_outside_source(wanted=self.wanted, source_id=source.pk, version=9, by=system, now=NOW)
