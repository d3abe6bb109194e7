"""The pages of cases, as people of different roles see them."""

from __future__ import annotations

import html
import json
import re

import pytest

from perezvon.modules.cases import services
from perezvon.modules.cases.blueprint import export_cases, export_macros, load_cases, load_macros
from perezvon.modules.cases.models import Case, CaseKind, Stage
from perezvon.modules.cases.tests.conftest import NOW, SYSTEM, Register, person, talk
from perezvon.modules.interactions.services import ask
from perezvon.project.blueprint import read

pytestmark = pytest.mark.django_db


def words(page) -> str:
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", page.content.decode())).split())


class TestRegistering:
    @pytest.mark.feature("F09.02")
    @pytest.mark.feature("F09.01", partly="processing of insured events: service")
    def test_from_a_contact_fills_in_who_calls_and_about_what(self, browse, kinds, loans, olga, elena):
        talked = talk(loans, olga, elena)
        browser = browse(olga)
        chosen = browser.get(f"/cases/new/?contact={talked.pk}")
        for name in ("Complaint", "Request", "Claim", "Product complaint"):
            assert name in words(chosen), name
        given = {"kind": kinds["complaint"].pk, "project": loans.pk, "contact": talked.pk, "customer": elena.pk}

        wrong = browser.post("/cases/new/", {**given, "subject": "", "priority": "3", "text": "kept words"})
        saved = browser.post("/cases/new/", {**given, "subject": "Fee", "priority": "3", "text": "490 taken"})

        assert wrong.status_code == 422
        assert "kept words" in wrong.content.decode()
        case = Case.objects.get()
        assert (case.customer, case.contact, case.text) == (elena, talked, "490 taken")
        page = browser.get(saved["Location"])
        assert case.title in words(page)
        assert f"/contacts/{talked.pk}/" in page.content.decode()

    def test_says_beforehand_what_waits_for_identification(self, browse, kinds, loans, olga, elena):
        page = browse(olga).get(f"/cases/new/?customer={elena.pk}&kind={kinds['claim'].pk}")

        assert "registered once the customer is identified" in words(page)


class TestCard:
    @pytest.mark.feature("F09.24")
    @pytest.mark.feature("F01.12")
    @pytest.mark.feature("F09.04")
    def test_of_a_customer_tells_how_his_case_goes_once_he_is_identified(
        self, browse, register: Register, kinds, loans, olga, elena
    ):
        case = register(subject="Cash machine kept the card")
        services.comment_case(case_id=case.pk, text="Returned on Friday", is_public=True, by=olga, now=NOW)
        services.comment_case(case_id=case.pk, text="between us", by=olga, now=NOW)
        talked = talk(loans, olga, elena)
        browser = browse(olga)

        before = words(browser.get(f"/customers/{elena.pk}/block/cases/"))
        ask(interaction_id=talked.pk, customer_id=elena.pk, answers={"address": "yes"}, by=olga, now=NOW)
        after = words(browser.get(f"/customers/{elena.pk}/block/cases/"))

        assert "Cash machine kept the card" in before
        assert "Returned on Friday" not in before
        assert "told once the customer is identified" in before
        assert "Your case is registered." in after
        assert "Returned on Friday" in after
        assert "between us" not in after

    def test_shows_cases_in_his_history(self, browse, register: Register, olga, elena):
        case = register(subject="Cash machine kept the card")

        assert f"Complaint {case.code}" in words(browse(olga).get(f"/customers/{elena.pk}/block/history/"))


class TestPage:
    @pytest.mark.feature("F09.23", partly="orders of service (service)")
    def test_shows_what_happened_and_what_may_be_done(self, browse, register: Register, olga, elena):
        case = register(text="They took 490")
        browser = browse(olga)

        browser.post(f"/cases/{case.pk}/take/")
        browser.post(f"/cases/{case.pk}/say/", {"how": "note", "text": "<b>angry</b>"})
        page = browser.get(f"/cases/{case.pk}/")

        told = words(page)
        for said in ("They took 490", "Internal note", "Responsible: Olga O.", "Begin", elena.full_name):
            assert said in told, said
        assert "<b>angry</b>" not in page.content.decode()

    def test_says_on_the_page_why_a_step_is_refused(self, browse, register: Register, olga):
        case = register()
        step = case.kind.steps.get(source=case.state)

        answer = browse(olga).post(f"/cases/{case.pk}/move/", {"step": step.pk}, headers={"HX-Request": "true"})

        assert answer.status_code == 422
        assert "Before this step there must be: somebody responsible." in words(answer)

    def test_asks_field_by_field_when_somebody_else_saved(self, browse, register: Register, olga, ivan):
        case = register()
        services.edit_case(case_id=case.pk, version=case.version, typed={"subject": "Theirs"}, by=ivan, now=NOW)

        answer = browse(olga).post(
            f"/cases/{case.pk}/edit/", {"version": case.version, "subject": "Mine", "priority": "3"}
        )

        assert answer.status_code == 409
        assert {"Theirs", "Mine"} <= set(words(answer).split())
        assert Case.objects.get(pk=case.pk).subject == "Theirs"

    def test_says_who_else_has_it_open(self, browse, register: Register, olga, ivan):
        case = register()
        browse(ivan).post(f"/cases/{case.pk}/look/", {"text": "I am writing"})

        assert "Ivan O. is writing" in words(browse(olga).get(f"/cases/{case.pk}/"))

    def test_is_not_there_for_other_projects_and_narrower_roles(self, browse, register: Register, olga, cards):
        case = register()

        assert browse(person("petr", cards)).get(f"/cases/{case.pk}/").status_code == 404

    def test_costs_the_same_however_much_happened(
        self, browse, register: Register, olga, django_assert_max_num_queries
    ):
        case = register()
        for number in range(25):
            services.comment_case(case_id=case.pk, text=f"{number}", by=olga, now=NOW)
        browser = browse(olga)

        with django_assert_max_num_queries(60):
            browser.get(f"/cases/{case.pk}/")


class TestOverview:
    @pytest.mark.feature("F09.20")
    def test_counts_by_anything(self, browse, register: Register, olga, elena):
        type(elena).objects.filter(pk=elena.pk).update(segment="Premium")
        register(), register("order")

        told = words(browse(olga).get("/cases/overview/?by=level"))

        assert re.search(r"Premium\s+2 2 0 0", told)
        assert "Nobody's" in told

    @pytest.mark.feature("F09.09")
    @pytest.mark.feature("F09.10")
    def test_reports_what_came_in_what_was_finished_and_how_long_it_took(
        self, browse, register: Register, viktor, olga
    ):
        case = register(category=str(CaseKind.objects.get(code="complaint").categories.get(code="fee").pk))
        register("order")
        Case.objects.filter(pk=case.pk).update(stage=Stage.CLOSED, over_at=NOW.replace(hour=11))

        page = browse(viktor).get("/cases/report/?from=2026-11-01&to=2026-11-30")

        assert re.search(r"Complaint Fees and tariffs 1 1 0 — 2:00:00 —", words(page))
        assert browse(olga).get("/cases/report/").status_code == 403

    def test_reports_how_customers_found_it_by_month_kind_and_category(
        self, browse, register: Register, viktor, django_assert_max_num_queries
    ):
        fee = str(CaseKind.objects.get(code="complaint").categories.get(code="fee").pk)
        for month, mark in ((10, 5), (11, 1), (11, 4), (11, None)):
            case = register(category=fee)
            Case.objects.filter(pk=case.pk).update(
                stage=Stage.CLOSED, over_at=NOW.replace(month=month, day=16), mark=mark
            )
        browser = browse(viktor)
        browser.get("/cases/report/")

        with django_assert_max_num_queries(25):
            page = words(browser.get("/cases/report/?from=2026-10-01&to=2026-11-30"))

        rows = r"November 2026 Complaint Fees and tariffs 3 2 2.5 1 October 2026 Complaint Fees and tariffs 1 1 5.0 0"
        assert re.search(rows, page)
        assert "No customer has marked" in words(browser.get("/cases/report/?from=2026-09-01&to=2026-09-30"))

    def test_lists_them_and_takes_several(self, browse, register: Register, olga):
        cases = [register(), register()]
        browser = browse(olga)

        assert all(case.code in words(browser.get("/cases/")) for case in cases)

    def test_lists_those_that_customers_marked_badly_with_their_words(self, browse, register: Register, viktor):
        bad, good = register(), register()
        Case.objects.filter(pk=bad.pk).update(mark=1, mark_words="Three weeks without a word")
        Case.objects.filter(pk=good.pk).update(mark=5)
        asked = {"where": json.dumps(["and", ["mark", "most", "2"]]), "cols": "number,mark,mark_words"}

        page = words(browse(viktor).get("/cases/", asked))

        assert bad.code in page
        assert "1 Three weeks without a word" in page
        assert good.code not in page


class TestSetUp:
    def test_draws_the_flow_and_says_what_is_wrong_with_it(self, browse, kinds, lisa):
        browser = browse(lisa)
        kind = kinds["order"]

        assert "case-arrow" in browser.get(f"/cases/kinds/{kind.pk}/").content.decode()
        kind.steps.filter(source__code="customer").delete()
        assert "No step leads out of “Waiting for the customer”." in words(browser.get(f"/cases/kinds/{kind.pk}/"))

    def test_makes_a_kind_of_ones_own(self, browse, loans, lisa):
        browser = browse(lisa)
        names = {"name_ru": "Запрос", "name_en": "Query"}

        browser.post("/cases/kinds/new/", {"code": "query", **names, "priority": "2", "version": "0"})
        kind = CaseKind.objects.get(code="query")
        for code, stage in (("new", "open"), ("done", "closed")):
            browser.post(
                f"/cases/kinds/{kind.pk}/states/new/", {"code": code, "name_ru": code, "stage": stage, "version": "0"}
            )
        states = dict(kind.states.values_list("code", "pk"))
        step = {"name_ru": "Finish", "source": states["new"], "target": states["done"], "wants_answer": "on"}
        browser.post(f"/cases/kinds/{kind.pk}/steps/new/", {**step, "version": "0"})
        twice = browser.post(f"/cases/kinds/{kind.pk}/steps/new/", {**step, "target": states["new"], "version": "0"})

        assert kind.steps.get().requires == ["answer"]
        assert twice.status_code == 422

    def test_is_a_file_that_loads_again_without_a_change(self, loans):
        load_cases(read("bank"), SYSTEM, NOW)
        load_macros(read("bank"), SYSTEM, NOW)
        before = export_cases() | export_macros()
        assert len(before["cases"]) == 4

        load_cases(before, SYSTEM, NOW)
        load_macros(before, SYSTEM, NOW)

        assert export_cases() | export_macros() == before
        assert all(kind.version == 1 for kind in CaseKind.objects.all())
