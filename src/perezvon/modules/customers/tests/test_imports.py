"""Tables of customers on their way in, and out again."""

from __future__ import annotations

import io
import re
from uuid import UUID

import openpyxl
import pytest
from django.db import transaction

from perezvon.foundation import clock
from perezvon.foundation.commands.models import CommandRecord
from perezvon.foundation.fields import services as fields
from perezvon.foundation.fields.models import CustomField
from perezvon.foundation.fields.services import Wanted
from perezvon.foundation.history.models import Change
from perezvon.foundation.imports import running, services
from perezvon.foundation.imports.models import Import, ImportRow, Profile, State
from perezvon.foundation.imports.personal import holder
from perezvon.foundation.imports.reading import source_path
from perezvon.foundation.jobs.models import Job
from perezvon.foundation.jobs.services import work_on
from perezvon.foundation.people.models import Role, User
from perezvon.foundation.personal.registry import Subject
from perezvon.modules.customers.models import ContactPoint, Customer
from perezvon.modules.customers.selectors import Asked, search
from perezvon.modules.customers.services import set_sources, strike_point, update_customer
from perezvon.modules.customers.tests.conftest import NOW, user
from perezvon.modules.interactions.services import register_visit

HEAD = "ФИО;Мобильный;E-mail;Дата рождения;Город;ИНН"
ANNA = "Зимина Анна Петровна;8 916 700-00-01;anna@mail.example;14.05.1981;Тверь;"
OLEG = "Зимин Олег;89167000002;;1990-02-03;Омск;500100732259"


@pytest.fixture(autouse=True)
def _own_folder(settings, tmp_path):
    settings.IMPORTS = tmp_path / "imports"
    settings.RESULTS = tmp_path / "results"


@pytest.fixture
def boss(browse, viktor):
    """The supervisor's browser; he may import."""
    return browse(viktor)


def run_jobs() -> None:
    for job in Job.objects.filter(state="waiting").order_by("created_at"):
        work_on(job.pk, now=clock.now)


def table(*rows: str, head: str = HEAD) -> io.BytesIO:
    file = io.BytesIO("\n".join([head, *rows]).encode())
    file.name = "clients.csv"
    return file


def send(browser, file, kind: str = "customer") -> Import:
    """Send it and let it be read."""
    answer = browser.post("/imports/new/", {"kind": kind, "file": file})
    assert answer.status_code == 302, answer.content.decode()
    run_jobs()
    return Import.objects.get(pk=answer.url.split("/")[2])


def bring(browser, *rows: str, head: str = HEAD, **setup: object) -> Import:
    """The whole way, with what the wizard guesses and `setup` says."""
    one = send(browser, table(*rows, head=head))
    if setup:
        one.setup |= setup
        one.save()
    assert browser.post(f"/imports/{one.pk}/start/").status_code == 302
    run_jobs()
    one.refresh_from_db()
    return one


def refused_rows(browser, one: Import) -> list[tuple[object, ...]]:
    answer = browser.get(f"/imports/{one.pk}/refused/")
    return list(openpyxl.load_workbook(io.BytesIO(b"".join(answer.streaming_content))).active.values)


def text_of(answer) -> str:
    text = re.sub(r"<(script|style).*?</\1>", " ", answer.content.decode(), flags=re.S)
    return " ".join(re.sub(r"<[^>]+>", " ", text).split())


def state_of(*customers: Customer) -> list[object]:
    """All that can be seen of them, but for the number of the version."""
    fresh = Customer.objects.filter(pk__in=[one.pk for one in customers]).order_by("number")
    return [
        (
            {name: value for name, value in vars(one).items() if name not in {"_state", "version"}},
            sorted(one.points.values_list("id", "kind", "raw", "digits")),
            sorted(one.documents.values_list("id", "number", "issuer")),
            sorted(one.addresses.values_list("id", "use", "text")),
        )
        for one in fresh
    ]


@pytest.mark.feature("F26.01")
@pytest.mark.feature("F13.06", partly="calling the imported base (campaigns)")
class TestTheWay:
    def test_leads_from_a_file_to_cards(self, boss):
        one = send(boss, table(ANNA, OLEG))
        assert one.state == State.SETUP
        sheet = text_of(boss.get(f"/imports/{one.pk}/sheet/"))
        assert "ФИО Мобильный E-mail Дата рождения Город ИНН" in sheet

        columns = boss.get(f"/imports/{one.pk}/columns/").content.decode()
        chosen = re.findall(r'<option value="(\w+)" selected', columns)
        assert {"full_name", "phone_mobile", "email", "birth_date", "town", "inn"} <= set(chosen)

        check = text_of(boss.get(f"/imports/{one.pk}/check/"))
        assert "Of all rows New: 2" in check
        assert not Customer.objects.exists()

        boss.post(f"/imports/{one.pk}/start/")
        assert "Under way" in text_of(boss.get(f"/imports/{one.pk}/result/"))
        run_jobs()

        result = text_of(boss.get(f"/imports/{one.pk}/result/"))
        assert "Done" in result
        assert "New: 2" in result
        anna = Customer.objects.get(last_name="Зимина")
        assert (anna.first_name, anna.middle_name, str(anna.birth_date), anna.town) == (
            "Анна",
            "Петровна",
            "1981-05-14",
            "Тверь",
        )
        assert list(anna.points.values_list("kind", "use", "digits", "is_main")) == [
            ("phone", "mobile", "79167000001", True), ("email", "contact", "", False),
        ]  # fmt: skip

    def test_makes_cards_that_are_found_and_whose_history_says_who(self, boss, viktor):
        bring(boss, ANNA, OLEG)

        oleg = Customer.objects.get(inn="500100732259")
        assert [row.id for row in search(Asked(name="зимин олег"), by=viktor).rows] == [oleg.pk]
        made = Change.objects.get(table="customers_customer", row=str(oleg.pk))
        assert (made.act, CommandRecord.objects.get(pk=made.command).actor) == ("I", viktor.key)

    def test_keeps_what_was_chosen_step_by_step(self, boss):
        one = send(boss, table(ANNA))
        boss.post(
            f"/imports/{one.pk}/columns/",
            {"to_0": "full_name", "to_1": "phone_work", "region_1": "BY", "keys": "phone_work", "on_new": "skip"},
        )
        boss.post(f"/imports/{one.pk}/sheet/", {"sheet": "0", "header": "1", "next": "1"})

        page = boss.get(f"/imports/{one.pk}/columns/").content.decode()
        chosen = set(re.findall(r'<option value="(\w+)" selected', page))
        assert {"full_name", "phone_work", "BY", "skip"} <= chosen
        assert "email" not in chosen
        again = boss.post(f"/imports/{one.pk}/columns/", {"to_0": "full_name", "on_new": "skip", "next": "1"})
        assert again.status_code == 422
        assert "nothing would come of it" in text_of(again)

    def test_knows_a_file_again(self, boss):
        bring(boss, ANNA)
        again = send(boss, table(ANNA))
        assert "This very file was imported on" in text_of(boss.get(f"/imports/{again.pk}/sheet/"))

    def test_lists_the_records_of_one_import(self, boss):
        bring(boss, ANNA)
        one = bring(boss, OLEG, "Никто;12;;;;")
        page = boss.get(f"/imports/{one.pk}/result/").content.decode()
        url = re.search(r'href="(/imports/rows/[^"]+)"', page)[1].replace("&amp;", "&")
        listed = text_of(boss.get(url))
        assert "Зимин Олег" in listed
        assert "Зимина" not in listed
        assert "clients.csv" in text_of(boss.get("/imports/"))

    def test_tries_all_rows_as_a_job(self, boss):
        one = send(boss, table(*[f"Зимин Олег;8916{place:07};;;;" for place in range(400)], ANNA, ANNA))
        assert "Of the first 300 rows" in text_of(boss.get(f"/imports/{one.pk}/check/"))
        boss.post(f"/imports/{one.pk}/check/")
        run_jobs()
        check = text_of(boss.get(f"/imports/{one.pk}/check/"))
        assert "Of all rows New: 401 Repeats an earlier row: 1" in check
        assert not Customer.objects.exists()

    def test_is_closed_to_those_without_the_right(self, browse, boss, olga, ksenia):
        one = bring(boss, ANNA)
        for person in (olga, ksenia):
            browser = browse(person)
            for path in ("new/", f"{one.pk}/result/", f"{one.pk}/refused/"):
                assert browser.get(f"/imports/{path}").status_code == 403
            assert browser.post(f"/imports/{one.pk}/undo/").status_code == 403

    def test_of_somebody_else_is_not_there(self, boss, browse, make_supervisor):
        one = bring(boss, ANNA)
        assert browse(make_supervisor("other")).get(f"/imports/{one.pk}/result/").status_code == 404

    def test_says_why_a_file_cannot_be_read(self, boss):
        file = io.BytesIO(b"<html><table></table></html>")
        file.name = "report.xls"
        one = send(boss, file)
        assert "This is a web page with the name of a table" in text_of(boss.get(f"/imports/{one.pk}/result/"))


@pytest.fixture
def make_supervisor(loans):
    return lambda login: user(login, "Второй", "Пётр", "supervisor", loans).actor()


class TestMatching:
    def test_fills_what_is_empty(self, boss, make):
        known = make("Зимина Анна", phone_mobile="+7 916 700-00-01", town="Клин")
        one = bring(boss, ANNA)
        known.refresh_from_db()
        assert one.totals == {"change": 1}
        assert (known.middle_name, known.town, str(known.birth_date)) == ("Петровна", "Клин", "1981-05-14")
        assert known.points.count() == 3  # a further e-mail beside the one that it had

    def test_overwrites_what_differs(self, boss, make):
        known = make("Зимина Анна", phone_mobile="+7 916 700-00-01", town="Клин")
        bring(boss, ANNA, on_match="overwrite")
        known.refresh_from_db()
        assert known.town == "Тверь"
        assert known.version == 2

    def test_changes_nothing_where_nothing_differs(self, boss):
        bring(boss, ANNA, OLEG)
        before = state_of(*Customer.objects.all())
        one = bring(boss, ANNA, OLEG, on_match="overwrite")
        assert one.totals == {"same": 2}
        assert state_of(*Customer.objects.all()) == before

    def test_updates_only(self, boss, make):
        make("Зимина Анна", phone_mobile="+7 916 700-00-01")
        assert bring(boss, ANNA, OLEG, on_new="skip").totals == {"change": 1, "skip": 1}

    def test_refuses_a_row_that_fits_several_cards(self, boss, make):
        one, other = (make(f"Зимина {name}", phone_mobile="+7 916 700-00-01") for name in ("Анна", "Ольга"))
        found = bring(boss, ANNA.replace("anna@", "new@"))
        assert found.totals == {"several": 1}
        assert refused_rows(boss, found)[1][-1] == f"Several cards fit: {one.number}, {other.number}."

    def test_rows_of_one_person_make_one_card(self, boss):
        one = bring(boss, "Зимина Анна;8 916 700-00-01;;;;", "Зимина Анна;8 916 700-00-01;;;Тверь;", ANNA)
        assert one.totals == {"create": 1, "change": 2}
        anna = Customer.objects.get()
        assert (anna.town, anna.middle_name, anna.version) == ("Тверь", "Петровна", 3)

    def test_a_struck_number_finds_nobody_and_is_not_written_again(self, boss, make, viktor):
        known = make("Зимина Анна", phone_mobile="+7 916 700-00-01", email="anna@mail.example")
        strike_point(point_id=known.points.get(kind="phone").pk, reason="wrong", by=viktor, now=NOW)
        bring(boss, ANNA)
        assert known.points.filter(kind="phone").count() == 1

    def test_cards_of_projects_that_he_does_not_see_stay_unknown(self, browse, make, ksenia, cards):
        rights = Role.objects.get(code="extended_operator").rights
        Role.objects.filter(code="extended_operator").update(
            rights=[*rights, "imports.use", "customers.import"], all_projects=False
        )
        known = make("Зимина Анна", phone_mobile="+7 916 700-00-01", project=cards)
        before = state_of(known)
        assert bring(browse(ksenia), ANNA).totals == {"create": 1}
        assert state_of(known) == before


class TestRules:
    def test_refused_rows_stop_none_of_the_others_and_come_back_as_a_file(self, boss):
        wrong = (
            "Зимин Пётр;не телефон;;;;",
            ";89167000009;;;;",
            "Зимин Лев;89167000008;;31.02.1980;;123",
            "Зимин Яков;;;;;",
        )
        one = bring(boss, ANNA, *wrong)
        assert one.totals == {"create": 1, "refuse": 4}

        rows = refused_rows(boss, one)
        assert rows[0][-2:] == ("Row", "Why it was refused")
        assert [row[-2] for row in rows[1:]] == [3, 4, 5, 6]
        assert rows[1][:2] == ("Зимин Пётр", "не телефон")
        assert rows[1][-1].startswith("Mobile: ")
        assert rows[2][-1] == "Last name: Type at least a last name or a first name."
        assert "Date of birth: " in rows[3][-1]
        assert "Tax number: " in rows[3][-1]
        assert CommandRecord.objects.filter(name="imports.note_refused").exists()

    def test_cards_that_only_their_source_may_change_stay(self, boss, make, viktor):
        known = make("Зимина Анна", phone_mobile="+7 916 700-00-01")
        Customer.objects.filter(pk=known.pk).update(card_type="client")
        one = bring(boss, ANNA)
        assert one.totals == {"refuse": 1}
        assert ImportRow.objects.get().problems[0][1] == "customers.locked_by_type"

        Role.objects.filter(code="supervisor").update(
            rights=[*Role.objects.get(code="supervisor").rights, "customers.import_clients"]
        )
        assert bring(boss, ANNA).totals == {"change": 1}

    def test_an_own_field_is_filled_as_far_as_the_person_may(self, boss, add):
        add("rest", "money", "Остаток")
        add("hidden", "text", "Тайное", access={"supervisor": "seen", "operator": "hidden"})
        one = bring(boss, f"{ANNA};1 234,50;x", head=f"{HEAD};Остаток;Тайное")
        assert one.totals == {"create": 1}
        assert Customer.objects.get().custom == {"rest": "1234.50"}

    @pytest.mark.feature("F01.22")
    def test_attributes_beyond_the_fixed_fields_stand_on_the_card(self, boss, add):
        add("rest", "money", "Remaining sum")
        add("plan", "choice", "Plan", options={"choices": "gold | Gold\nbase | Base"})
        bring(boss, f"{ANNA};1 234,50;Gold", head=f"{HEAD};Remaining sum;Plan")
        anna = Customer.objects.get()
        assert "Remaining sum 1,234.50 ₽ Plan Gold" in text_of(boss.get(f"/customers/{anna.pk}/"))

    @pytest.mark.feature("F01.22")
    def test_a_column_that_fits_no_field_becomes_one(self, browse, viktor):
        head = "ФИО;Мобильный;Остаток;Полис;Дата визита"
        rows = ("Зимин Лев;89167000001;1 234,50;001;05.11.2026", "Зимина Ева;89167000002;17;002;25.11.2026")
        lisina = user("lisina", "Лисина", "Анна", "information_administrator").actor()
        one = send(info := browse(lisina), table(*rows, head=head))
        columns = f"/imports/{one.pk}/columns/"
        wish = {"to_0": "full_name", "to_1": "phone_mobile", "to_2": "+", "to_3": "+", "to_4": "+"}
        assert "a new field of this column" in text_of(info.get(columns))

        assert info.post(columns, wish).status_code == 200
        assert info.post(columns, wish | {"next": "1"}).status_code == 302  # sent twice: the same fields

        kept = {str(field): field.type for field in CustomField.objects.filter(kind="customer")}
        assert kept == {"Остаток": "number", "Полис": "text", "Дата визита": "date"}
        info.post(f"/imports/{one.pk}/start/")
        run_jobs()
        found = Customer.objects.get(first_name="Лев").custom
        assert sorted(map(str, found.values())) == ["001", "1234.50", "2026-11-05"]
        other = send(boss := browse(viktor), table(*rows, head=head))
        assert boss.post(f"/imports/{other.pk}/columns/", wish).status_code == 403, "who may make no fields"

    @pytest.mark.feature("F01.24")
    def test_the_insurer_and_the_policy_come_along(self, boss, add):
        add("insurer", "text", "Страховая компания")
        add("policy", "text", "Полис")
        bring(boss, f"{ANNA};СК Здорово;К/001031", head=f"{HEAD};Страховая компания;Полис")
        assert Customer.objects.get().custom == {"insurer": "СК Здорово", "policy": "К/001031"}

    def test_an_address_comes_in_parts_and_documents_by_number(self, boss):
        place = "Индекс;Фактический адрес: регион;Фактический адрес: населённый пункт;Улица"
        head = f"ФИО;Мобильный;{place};Водительское удостоверение"
        rows = (
            "Зимин Лев;89167000001;170100;Тверская обл;Тверь;Мира, 1;99 12 345678",
            "Зимин Олег;89167000002;1;;;Мира, 2;",
        )
        one = bring(boss, *rows, head=head)
        assert one.totals == {"create": 1, "refuse": 1}
        lev = Customer.objects.get()
        address, document = lev.addresses.get(), lev.documents.get()
        assert address.text == "170100, Тверская обл, Тверь, Мира, 1"
        assert (address.use, address.postcode, address.town, address.line) == ("actual", "170100", "Тверь", "Мира, 1")
        assert (document.kind, document.number) == ("driver", "9912345678")
        assert "125009" in refused_rows(boss, one)[1][-1], "the reason shows what a postcode looks like"

        again = bring(boss, rows[0].replace("99 12", "99 13"), head=head, on_match="overwrite")
        assert again.totals == {"change": 1}
        assert lev.documents.count() == 2
        services.undo_import(import_id=again.pk, by=User.objects.get(login="viktor").actor(), now=clock.now())
        run_jobs()
        assert lev.documents.get().number == "9912345678"

    def test_a_company_keeps_its_whole_name(self, boss):
        bring(boss, "ООО «Ромашка и Ко»;8 916 700-00-03", head="Название компании;Телефон")
        found = Customer.objects.get()
        assert (found.kind, found.company_name, found.points.get().use) == ("company", "ООО «Ромашка и Ко»", "contact")

    def test_several_numbers_of_a_cell_and_several_columns(self, boss):
        bring(boss, "Зимин Лев;89167000005, 8 916 700-00-06;89167000007", head="ФИО;Телефон;Телефон")
        assert set(ContactPoint.objects.values_list("digits", flat=True)) == {f"7916700000{end}" for end in "567"}


@pytest.fixture
def add(system, db):
    fields.add_section(kind="customer", key="bank", label={"en": "Bank data"}, by=system, now=NOW)

    def add(key: str, type_: str, label: str, **wanted: object):
        wanted = Wanted(label={"en": label}, section="bank", **wanted)
        return fields.add_field(kind="customer", key=key, type=type_, wanted=wanted, by=system, now=NOW)

    return add


class TestLimits:
    def test_a_file_that_is_too_large_is_refused_in_words(self, boss, settings):
        settings.IMPORT_MOST_MB = 0
        answer = boss.post("/imports/new/", {"kind": "customer", "file": table(ANNA)})
        assert answer.status_code == 422
        assert "0 MB" in text_of(answer)
        assert not Import.objects.exists()

    def test_of_too_many_rows_nothing_is_read(self, boss, settings):
        settings.IMPORT_MOST_ROWS = 2
        one = send(boss, table(ANNA, OLEG))
        assert "imports.too_many_rows" in one.problem.values()
        assert "2 at most" in text_of(boss.get(f"/imports/{one.pk}/", follow=True))


class TestJob:
    ROWS = tuple(f"Зимин Лев;8916{place:07};;;;" for place in range(25))

    def test_goes_on_where_it_was_killed_and_writes_nothing_twice(self, boss, monkeypatch):
        monkeypatch.setattr(running, "BATCH", 10)
        one = send(boss, table(*self.ROWS))
        boss.post(f"/imports/{one.pk}/start/")
        write, calls = running._write, []

        def killed(*arguments: object) -> None:
            calls.append(1)
            if len(calls) == 2:
                raise SystemExit
            write(*arguments)

        monkeypatch.setattr(running, "_write", killed)
        with pytest.raises(SystemExit):
            run_jobs()
        assert Customer.objects.count() == 10
        Job.objects.filter(state="running").update(state="waiting")  # as the rescue of the worker hands it on

        run_jobs()
        one.refresh_from_db()
        assert (one.state, one.totals, Customer.objects.count()) == (State.DONE, {"create": 25}, 25)

    def test_a_worker_that_comes_back_to_life_writes_nothing_beside_the_one_that_took_its_job(self, boss, monkeypatch):
        one = send(boss, table(*self.ROWS))
        boss.post(f"/imports/{one.pk}/start/")
        job, write = Job.objects.get(state="waiting"), services.write_batch

        def slow(**given: object) -> None:
            monkeypatch.setattr(services, "write_batch", write)
            work_on(job.pk, now=clock.now)  # the other one does all of it meanwhile
            write(**given)

        monkeypatch.setattr(services, "write_batch", slow)
        work_on(job.pk, now=clock.now)
        one.refresh_from_db()
        assert (one.state, one.totals, Customer.objects.count()) == (State.DONE, {"create": 25}, 25)

    def test_stops_when_it_is_told_keeps_what_is_done_and_goes_on(self, boss, monkeypatch):
        monkeypatch.setattr(running, "BATCH", 10)
        one = send(boss, table(*self.ROWS))
        boss.post(f"/imports/{one.pk}/start/")
        write = running._write
        monkeypatch.setattr(running, "_write", lambda *given: (write(*given), boss.post(f"/imports/{one.pk}/stop/")))
        moments = iter(clock.now().replace(year=year) for year in range(2027, 9000))
        work_on(Job.objects.get(state="waiting").pk, now=lambda: next(moments))
        one.refresh_from_db()
        assert (one.state, Customer.objects.count()) == (State.STOPPED, 10)

        monkeypatch.setattr(running, "_write", write)
        boss.post(f"/imports/{one.pk}/start/")
        run_jobs()
        one.refresh_from_db()
        assert (one.state, Customer.objects.count()) == (State.DONE, 25)

    def test_stopped_before_it_began_is_set_up_still(self, boss):
        one = send(boss, table(ANNA))
        boss.post(f"/imports/{one.pk}/check/")
        boss.post(f"/imports/{one.pk}/stop/")
        one.refresh_from_db()
        assert one.state == State.SETUP

    def test_started_twice_runs_once(self, boss):
        one = send(boss, table(ANNA))
        boss.post(f"/imports/{one.pk}/start/")
        boss.post(f"/imports/{one.pk}/start/")
        run_jobs()
        assert Customer.objects.count() == 1
        assert Job.objects.filter(kind=services.RUN).count() == 1

    def test_a_row_that_the_database_refuses_is_alone_in_it(self, boss, monkeypatch):
        one = send(boss, table(*self.ROWS))
        boss.post(f"/imports/{one.pk}/start/")
        write = services.write_batch

        def broken(**given: object) -> None:
            with transaction.atomic():
                write(**given)
                if any(row.number == 7 for row in given["rows"]):
                    Customer.objects.filter(number__gt=0).update(number=7)

        monkeypatch.setattr(services, "write_batch", broken)
        run_jobs()
        one.refresh_from_db()
        assert (one.state, one.totals, Customer.objects.count()) == (State.DONE, {"create": 24, "refuse": 1}, 24)
        assert "This row could not be kept" in refused_rows(boss, one)[1][-1]


class TestUndo:
    def test_gives_the_state_before(self, boss, make):
        known = make("Зимина Анна", phone_mobile="+7 916 700-00-01", town="Клин", passport="45 09 123456")
        before = state_of(known)
        head = f"{HEAD};Паспорт;Кем выдан;Адрес;Статус"
        one = bring(
            boss, f"{ANNA};4510 654321;ОВД;Тверь, Мира 1;Existing", OLEG + ";;;Омск;", head=head, on_match="overwrite"
        )
        assert one.totals == {"change": 1, "create": 1}
        assert state_of(known) != before

        boss.post(f"/imports/{one.pk}/undo/")
        run_jobs()

        one.refresh_from_db()
        assert (one.state, one.left) == (State.UNDONE, 0)
        assert state_of(known) == before
        assert list(Customer.objects.filter(deleted_at=None)) == [known]

    def test_leaves_what_was_changed_or_used_since_and_lists_it(self, boss, viktor, loans):
        one = bring(boss, ANNA, OLEG, "Зимин Лев;8 916 700-00-08;;;;")
        anna, oleg, _lev = Customer.objects.order_by("number")
        update_customer(customer_id=anna.pk, version=1, typed={"town": "Псков"}, by=viktor, now=NOW)
        register_visit(customer_id=oleg.pk, project_id=loans.pk, note="came", by=viktor, now=NOW)

        boss.post(f"/imports/{one.pk}/undo/")
        run_jobs()

        one.refresh_from_db()
        assert (one.state, one.left) == (State.UNDONE, 2)
        assert set(Customer.objects.filter(deleted_at=None)) == {anna, oleg}
        page = boss.get(f"/imports/{one.pk}/result/")
        assert "2 records were changed or used since and are left as they are." in text_of(page)
        url = re.findall(r'href="(/imports/rows/[^"]+)"', page.content.decode())[-1].replace("&amp;", "&")
        listed = text_of(boss.get(url))
        assert "Зимина Анна" in listed
        assert "Зимин Лев" not in listed

    def test_takes_back_all_rows_of_one_card(self, boss):
        one = bring(boss, "Зимина Анна;8 916 700-00-01;;;;", ANNA)
        boss.post(f"/imports/{one.pk}/undo/")
        run_jobs()
        assert not Customer.objects.filter(deleted_at=None).exists()

    def test_is_not_offered_after_thirty_days(self, boss):
        one = bring(boss, ANNA)
        Import.objects.update(created_at=clock.now() - services.UNDO_WITHIN * 2)
        assert boss.post(f"/imports/{one.pk}/undo/").status_code == 409
        services.forget_outlived(now=clock.now())
        assert ImportRow.objects.get().title == ""


class TestSources:
    def test_are_remembered_by_the_words_of_their_headers(self, boss):
        one = send(boss, table(ANNA))
        boss.post(f"/imports/{one.pk}/columns/", {"to_0": "full_name", "to_1": "phone_home", "keys": "phone_home"})
        boss.post(f"/imports/{one.pk}/profile/", {"name": "Выставка"})

        other = send(boss, table("X;8 916 700-00-02;Зимин Олег", head="Прочее;Мобильный;ФИО"))
        profile = Profile.objects.get()
        boss.post(f"/imports/{other.pk}/sheet/", {"sheet": "0", "header": "1", "profile": str(profile.pk), "next": "1"})
        other.refresh_from_db()
        assert {place: one["to"] for place, one in other.setup["columns"].items()} == {
            "1": "phone_home",
            "2": "full_name",
        }

    def test_a_much_shorter_table_is_asked_about(self, boss):
        one = send(boss, table(ANNA))
        boss.post(f"/imports/{one.pk}/profile/", {"name": "Выставка"})
        Profile.objects.update(last_rows=100)
        assert boss.post(f"/imports/{one.pk}/start/").status_code == 422
        assert boss.post(f"/imports/{one.pk}/start/", {"shorter": "on"}).status_code == 302
        run_jobs()
        assert Profile.objects.get().last_rows == 1


class TestRoundTrip:
    @pytest.mark.parametrize("form", ["csv", "xlsx"])
    def test_an_exported_list_comes_back_unchanged(self, boss, people, make, form: str):
        make("", company_name="ООО «Ромашка»", kind="company", phone_work="+7 495 111-22-33")
        answer = boss.post(
            "/customers/export/",
            {"format": form, "state": "cols=name,status,phone,birth_date,region,number,kind,sex,town"},
        )
        file = io.BytesIO(answer.content)
        file.name = f"customers.{form}"
        before = state_of(*Customer.objects.all())

        one = send(boss, file)
        one.setup |= {"on_match": "overwrite"}
        one.save()
        boss.post(f"/imports/{one.pk}/start/")
        run_jobs()

        one.refresh_from_db()
        assert one.totals == {"same": 5}, list(one.import_rows.values_list("title", "problems", "undo"))
        assert state_of(*Customer.objects.all()) == before


def test_ids_of_imports_are_in_their_addresses(boss):
    one = send(boss, table(ANNA))
    assert boss.get(f"/imports/{one.pk}/").url == f"/imports/{one.pk}/sheet/"
    assert boss.get(f"/imports/{UUID(int=0)}/").status_code == 404


@pytest.mark.feature("F01.21")
def test_the_source_of_information_is_one_of_those_offered(boss, viktor, loans):
    set_sources(project_id=loans.pk, names=["Сайт", "Выставка"], by=viktor, now=NOW)
    one = bring(boss, f"{ANNA};выст", f"{OLEG};Слухи", head=f"{HEAD};Источник")
    assert one.totals == {"create": 1, "refuse": 1}
    assert Customer.objects.get().source == "Выставка"
    assert refused_rows(boss, one)[1][-1].startswith("Source of information: ")


class TestErasure:
    def test_takes_a_person_out_of_rows_and_tables(self, boss):
        one = bring(boss, ANNA, OLEG, "Зимин Лев;8 (916) 700-00-01;;31.02.1980;;")
        anna = Customer.objects.get(last_name="Зимина")
        subject = Subject((anna.pk,), anna.number, anna.full_name, frozenset({"79167000001", "anna@mail.example"}))
        held = holder()
        assert held.count(subject) == 2
        assert {row["number"] for row in held.export(subject)["rows"]} == {2, 4}

        assert held.erase(subject, clock.now()) == 2

        assert held.count(subject) == 0
        assert list(one.import_rows.exclude(title="").values_list("title", flat=True)) == ["Зимин Олег"]
        assert not one.import_rows.filter(cells__isnull=False).exists()
        assert not source_path(one.pk).exists()
        assert boss.get(f"/imports/{one.pk}/refused/").status_code == 200
