"""One person's data are handed out and erased, wherever they are held (X.25).

After an erasure the whole database is read, table by table, for every value that was his.
"""

from __future__ import annotations

import json
import re
import zipfile
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from django.conf import settings
from django.db import connection
from django.test import Client

from perezvon.foundation.access import System
from perezvon.foundation.commands.models import CommandRecord
from perezvon.foundation.commands.services import intent
from perezvon.foundation.files import services as files
from perezvon.foundation.files import store
from perezvon.foundation.history.models import Change
from perezvon.foundation.imports.models import Import, ImportRow
from perezvon.foundation.jobs.models import Job
from perezvon.foundation.jobs.services import work_on
from perezvon.foundation.messages.services import Draft, queue_message
from perezvon.foundation.outbox.models import OutboxRow
from perezvon.foundation.people.models import Project, Role, User
from perezvon.foundation.personal import services as personal
from perezvon.foundation.personal.models import Erasure
from perezvon.foundation.personal.registry import holders
from perezvon.foundation.personal.selectors import NoSuchPerson
from perezvon.foundation.personal.services import Held, NotConfirmed
from perezvon.kernel.errors import NotAllowed
from perezvon.kernel.ids import uuid7
from perezvon.modules.customers import services
from perezvon.modules.customers.models import Customer
from perezvon.modules.customers.permission import Why
from perezvon.modules.customers.selectors import contact_refusal
from perezvon.modules.customers.services import Acting
from perezvon.modules.desk.services import save_draft
from perezvon.modules.interactions import services as interactions
from perezvon.modules.interactions.models import Channel, Interaction, Segment, State
from perezvon.modules.telephony.models import CallEvent, CallFact, Recording

NOW = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)
LATER = NOW + timedelta(hours=1)
BY = System(name="test")

# Nothing else in the database holds any of these.
TYPED = {
    "last_name": "Квазимодова",
    "first_name": "Эсмеральда",
    "middle_name": "Феофилактовна",
    "birth_date": "17.03.1957",
    "birth_place": "Усть-Кулом",
    "inn": "500100732259",
    "snils": "112-233-445 95",
    "passport": "4509 876123",
    "passport_issuer": "Печорский ОВД",
    "phone_mobile": "8 912 345-67-01",
    "phone_work": "8 912 345-67-02",
    "email": "Esmeralda@perekrestok.example",
    "address_registered": "Сыктывкар, Нескучная, 77-19",
    "workplace": "Кондитерская Звездочка",
    "position": "главный шоколатье",
    "source": "знакомая Агриппина",
    "code_word": "Трюфель",
}
WRITTEN = [
    *("Квазимодова", "Эсмеральда", "Феофилактовна", "1957-03-17", "Усть-Кулом", "500100732259", "11223344595"),
    *("4509876123", "Печорский", "79123456701", "79123456702", "esmeralda@perekrestok", "Нескучная", "Звездочка"),
    *("шоколатье", "Агриппина", "квазимодова", "эсмеральда", "кольцо с рубином", "Осторожно, собака", "Пеструшкин"),
    *("79123456799", "просит утром", "перепутала", "любит Баха", "бланк 55-к", "прослушка", "79123456788"),
    *("черновик о рубине", "говорит за неё", "решено по рубину", "лично в руки", "Глафиры"),
    "Цирк на Цветном",
    *("завещание", "рубин готов", "без карточки", "о перстне"),
]


@pytest.fixture
def loans(db) -> Project:
    return Project.objects.create(code="loans", number=101, name={"en": "Loans"})


def person(login: str, role: str, loans: Project) -> User:
    user = User.objects.create_user(
        login, last_name=login.title(), first_name="A", role=Role.objects.get(code=role), language="en"
    )
    user.projects.add(loans)
    return user


@pytest.fixture
def lisina(loans) -> User:
    return person("lisina", "information_administrator", loans)


@pytest.fixture
def olga(loans) -> User:
    return person("olga", "supervisor", loans)


@pytest.fixture
def esmeralda(loans, olga) -> Customer:
    """A customer with something of hers in every place that holds anything."""
    made = services.register_potential(typed=TYPED, by=BY, now=NOW, project_id=loans.pk)
    key, by = made.pk, olga.actor()
    services.save_purpose(
        purpose_id=None, version=0, wanted=services.PurposeWanted("marketing", {"en": "Ads"}), by=BY, now=NOW
    )
    services.note_consent(
        customer_id=key,
        said=services.Said("marketing", "any", True, NOW.date(), "writing", "бланк 55-к"),
        by=by,
        now=NOW,
    )
    services.ban_contact(banned=services.Banned("прослушка"), address=TYPED["phone_work"], by=by, now=NOW)
    services.add_comment(customer_id=key, text="кольцо с рубином", by=by, now=NOW)
    services.add_warning(customer_id=key, kind="other", text="Осторожно, собака", by=by, now=NOW)
    services.set_preferences(customer_id=key, typed={"service": "лично в руки"}, by=by, now=NOW)
    acting = services.Acting("attorney", "Пеструшкин Пётр", "8 912 345-67-88")
    services.add_representative(customer_id=key, acting=acting, by=by, now=NOW)
    wrong = services.add_point(customer_id=key, use="home", text="8 912 345-67-99", by=by, now=NOW)
    services.note_point(customer_id=key, point_id=wrong.pk, note="любит Баха", by=by, now=NOW)
    with intent(why="Эсмеральда перепутала цифры"):
        services.strike_point(point_id=wrong.pk, reason="wrong", by=by, now=NOW)
    with intent(why="по просьбе дочери Глафиры"):
        services.set_status(customer_id=key, status="existing", by=by, now=NOW)
    husband = services.register_potential(typed={"last_name": "Орлов", "email": "o@mail.example"}, by=BY, now=NOW)
    services.relate(customer_id=key, other_id=husband.pk, kind="spouse", note="просит утром", by=by, now=NOW)
    double = services.register_potential(
        typed={"last_name": "Квазимодова", "first_name": "Эсмеральда", "email": "esmeralda@perekrestok.example"},
        by=BY,
        now=NOW,
        project_id=loans.pk,
    )
    services.merge_customers(kept_id=key, gone_id=double.pk, take=(), by=by, now=NOW)
    _calls(loans, made, olga)
    will = store.put(["%PDF- она же".encode()], most=1000)
    files.attach(kind="customer", record_id=key, content=will, name="завещание.pdf", by=by, now=NOW)
    told = Draft("sms", TYPED["phone_mobile"], "рубин готов", kind="customer", record=key)
    queue_message(draft=told, by=by, now=NOW)
    queue_message(draft=Draft("email", TYPED["email"], "письмо без карточки", "о перстне"), by=by, now=NOW)
    table = Import.objects.create(id=uuid7(NOW), kind="customer", owner=olga, file_name="t", digest="1", created_at=NOW)
    undo = {"before": {"workplace": "Цирк на Цветном"}}
    ImportRow.objects.create(of=table, number=1, act="change", record=key, title="Квазимодова", undo=undo)
    return Customer.objects.get(pk=key)


def _calls(loans: Project, customer: Customer, olga: User) -> None:
    known, unknown = uuid7(NOW), uuid7(LATER)
    for number, (pk, owner) in enumerate(((known, customer), (unknown, None)), start=1):
        Interaction.objects.create(
            id=pk, number=number, project=loans, channel=Channel.PHONE, direction="inbound", address="79123456701",
            customer=owner, began_at=NOW, answered_at=NOW, agent=olga,
        )  # fmt: skip
        Segment.objects.create(id=uuid7(NOW), interaction_id=pk, call=pk, kind="talk", began_at=NOW, agent=olga)
    by = olga.actor()
    interactions.add_note(interaction_id=known, text="говорит за неё, кольцо с рубином", by=by, now=NOW)
    interactions.name_speaker(interaction_id=known, speaker="Пеструшкин", on_behalf=customer.full_name, by=by, now=NOW)
    fields = {"comment": "решено по рубину", "reason": "r1"}
    Interaction.objects.filter(pk=known).update(result_fields=fields, state=State.DONE, ended_at=LATER)
    save_draft(subject=f"interaction:{known}", field="note", text="черновик о рубине", by=by, now=NOW)
    folder = Path(settings.RECORDINGS)
    folder.mkdir(parents=True, exist_ok=True)
    (folder / f"{known}.wav").write_bytes(b"her voice")
    Recording.objects.create(id=known, interaction_id=known, call=known, began_at=NOW, path=f"{known}.wav", seconds=3)
    CallEvent.objects.create(call=known, body={"number": "79123456701"}, at=NOW, epoch=1)
    CallFact.objects.create(call=known, body={"number": "79123456701"}, at=NOW, projected_at=NOW)
    OutboxRow.objects.create(topic="telephony.facts", body={"number": "+79123456701"}, at=NOW)
    asker = {"state": {"q": "+79123456701"}}
    Job.objects.create(id=uuid7(NOW), kind="lists.export", facts=asker, owner=olga, created_at=NOW)


def whole_database() -> Iterator[tuple[str, str]]:
    """Every row of every table, as text."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT relname FROM pg_stat_user_tables WHERE schemaname = 'public' ORDER BY relname")
        tables = [table for (table,) in cursor.fetchall()]
        for table in tables:
            cursor.execute(f'SELECT whole::text FROM "{table}" whole')  # noqa: S608
            yield from ((table, row) for (row,) in cursor.fetchall())


def held(values: list[str]) -> dict[str, set[str]]:
    """Where the database holds any of the values."""
    found: dict[str, set[str]] = {}
    for table, row in whole_database():
        for value in values:
            if value.lower() in row.lower():
                found.setdefault(table, set()).add(value)
    return found


def run_jobs(now: datetime = LATER) -> None:
    for job in Job.objects.exclude(kind="lists.export").exclude(state__in=["done", "failed", "cancelled"]):
        work_on(job.pk, now=lambda: now)
        job.refresh_from_db()
        assert job.state == "done", job.problem


def erase(customer: Customer, by: User) -> Erasure:
    asked = personal.ask_erasure(subject_id=customer.pk, reason="her request", by=by.actor(), now=LATER)
    personal.confirm_erasure(erasure_id=asked.pk, number=str(customer.number), by=by.actor(), now=LATER)
    run_jobs()
    asked.refresh_from_db()
    return asked


def text_of(response) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", response.content.decode()).split())


@pytest.mark.feature("X.25")
class TestErasure:
    def test_leaves_nothing_that_says_who_she_was(self, esmeralda, lisina):
        before = {value for values in held(WRITTEN).values() for value in values}
        assert before == set(WRITTEN)  # else the look below would find nothing because there was nothing
        calls = Interaction.objects.count()
        voice = Path(settings.RECORDINGS) / Recording.objects.get().path

        asked = erase(esmeralda, lisina)

        assert held(WRITTEN) == {}
        assert not voice.exists()
        assert asked.ended_at == LATER
        assert set(asked.done) == {holder.code for holder in holders()}
        assert Interaction.objects.count() == calls
        assert Interaction.objects.get(number=1).result_fields == {"reason": "r1"}

    def test_keeps_that_it_was_done_and_that_things_had_changed(self, esmeralda, lisina, olga):
        commands, changes = CommandRecord.objects.count(), Change.objects.count()

        erase(esmeralda, lisina)

        assert CommandRecord.objects.count() > commands
        assert Change.objects.count() >= changes
        struck = CommandRecord.objects.get(name="customers.strike_point")
        assert (struck.actor, struck.why) == (f"user:{olga.pk}", "•••")
        row = Change.objects.filter(table="customers_customer", row=str(esmeralda.pk), act="I").get()
        assert row.after["last_name"] is None
        assert CommandRecord.objects.filter(name="personal.erase_part").count() == len(holders())
        esmeralda.refresh_from_db()
        assert (esmeralda.full_name, esmeralda.number > 0) in {("Erased person", True), ("Данные стёрты", True)}

    def test_goes_on_forbidding_contact_with_her_number(self, esmeralda, lisina):
        erase(esmeralda, lisina)

        refusal = contact_refusal(customer_id=None, channel="call", address="8 912 345-67-02", now=LATER)
        assert refusal.why is Why.ADDRESS_BANNED
        assert contact_refusal(customer_id=None, channel="call", address="8 912 345-67-03", now=LATER) is None

    def test_leaves_others_alone(self, esmeralda, lisina, olga):
        namesake = services.register_potential(
            typed={"last_name": "Квазимодова", "first_name": "Нина", "phone_mobile": "8 912 345-67-01"}, by=BY, now=NOW
        )
        services.add_comment(customer_id=namesake.pk, text="другая", by=BY, now=NOW)

        erase(esmeralda, lisina)

        namesake.refresh_from_db()
        assert namesake.full_name == "Квазимодова Нина"
        assert namesake.points.get(kind="phone").digits == "79123456701"
        assert namesake.comments.get().text == "другая"
        client = Client()
        client.force_login(olga)
        assert "Нина" in text_of(client.get("/office/", {"q": "Квазимодова"}))
        # A number that is another's too says nothing of her: the call that nobody was linked to keeps it.
        assert Interaction.objects.get(number=2).address == "79123456701"

    def test_blanks_her_name_where_it_means_her_and_not_a_namesake(self, esmeralda, lisina, olga):
        name = esmeralda.full_name
        last, first, *middle = name.split()
        typed = {"last_name": last, "first_name": first, "middle_name": " ".join(middle)}
        services.register_potential(typed=typed | {"phone_mobile": "8 912 999-00-00"}, by=BY, now=NOW)
        loans = Project.objects.get(code="loans")
        mother, other = (
            services.register_potential(
                typed={"last_name": "Орлова", "first_name": first, "phone_mobile": phone}, by=BY, now=NOW
            )
            for first, phone in (("Майя", "8 912 777-00-01"), ("Зоя", "8 912 777-00-02"))
        )
        services.add_representative(
            customer_id=mother.pk, acting=Acting("parent"), person_id=esmeralda.pk, by=BY, now=NOW
        )
        calls = {}
        given = [("hers", other, "79123456702"), ("acting", mother, "79127770001"), ("namesake", other, "79129990000")]
        for number, (which, customer, address) in enumerate(given, start=70):
            calls[which] = Interaction.objects.create(
                id=uuid7(NOW), number=number, project=loans, channel=Channel.PHONE, direction="inbound",
                address=address, customer=customer, began_at=NOW, agent=olga, speaker=name,
            )  # fmt: skip

        erase(esmeralda, lisina)

        left = {which: Interaction.objects.get(pk=call.pk).speaker for which, call in calls.items()}
        assert left == {"hers": "", "acting": "", "namesake": name}

    def test_goes_on_after_a_kill(self, esmeralda, lisina, monkeypatch):
        asked = personal.ask_erasure(subject_id=esmeralda.pk, reason="her request", by=lisina.actor(), now=LATER)
        personal.confirm_erasure(erasure_id=asked.pk, number=str(esmeralda.number), by=lisina.actor(), now=LATER)
        first, second = [holder.code for holder in holders()][:2]
        personal.erase_part(erasure_id=asked.pk, holder_id=first, by=BY, now=LATER)
        done = Erasure.objects.get(pk=asked.pk).done
        assert set(done) == {first}

        run_jobs()

        asked.refresh_from_db()
        assert asked.done[first] == done[first]  # not a second time
        assert second in asked.done
        assert asked.ended_at
        assert held(WRITTEN) == {}

    def test_is_confirmed_by_the_number_of_the_card_and_runs_once(self, esmeralda, lisina):
        asked = personal.ask_erasure(subject_id=esmeralda.pk, reason="her request", by=lisina.actor(), now=NOW)
        with pytest.raises(NotConfirmed):
            personal.confirm_erasure(erasure_id=asked.pk, number="1", by=lisina.actor(), now=NOW)
        assert not Job.objects.filter(kind="personal.erase").exists()

        for _again in range(2):
            personal.confirm_erasure(erasure_id=asked.pk, number=str(esmeralda.number), by=lisina.actor(), now=NOW)

        assert Job.objects.filter(kind="personal.erase").count() == 1

    def test_is_stopped_by_a_legal_hold(self, esmeralda, lisina, olga):
        held_by = lisina.actor()
        hold = personal.put_hold(subject_id=esmeralda.pk, reason="case 5", until=LATER.date(), by=held_by, now=NOW)
        with pytest.raises(Held):
            personal.ask_erasure(subject_id=esmeralda.pk, reason="x", by=held_by, now=NOW)
        with pytest.raises(NotAllowed):
            personal.lift_hold(hold_id=hold.pk, by=olga.actor(), now=NOW)

        later = NOW + timedelta(days=2)
        personal.ask_erasure(subject_id=esmeralda.pk, reason="x", by=held_by, now=later)
        personal.lift_hold(hold_id=hold.pk, by=held_by, now=NOW)
        asked = personal.ask_erasure(subject_id=esmeralda.pk, reason="x", by=held_by, now=NOW)
        personal.put_hold(subject_id=esmeralda.pk, reason="case 6", until=None, by=held_by, now=NOW)
        with pytest.raises(Held):
            personal.confirm_erasure(erasure_id=asked.pk, number=str(esmeralda.number), by=held_by, now=NOW)
        assert held(WRITTEN)

    def test_is_not_for_those_who_do_not_see_the_card(self, esmeralda, lisina, loans):
        Customer.objects.filter(pk=esmeralda.pk).update(project=loans)
        Role.objects.update(all_projects=False)
        cards = Project.objects.create(code="cards", number=102, name={"en": "Cards"})
        stranger = person("stranger", "information_administrator", cards).actor()
        asked = personal.ask_erasure(subject_id=esmeralda.pk, reason="her wish", by=lisina.actor(), now=NOW)
        hold = personal.put_hold(subject_id=esmeralda.pk, reason="court", until=None, by=lisina.actor(), now=NOW)
        for act in (
            lambda: personal.ask_erasure(subject_id=esmeralda.pk, reason="mine", by=stranger, now=NOW),
            lambda: personal.confirm_erasure(erasure_id=asked.pk, number=str(asked.number), by=stranger, now=NOW),
            lambda: personal.ask_export(subject_id=esmeralda.pk, by=stranger, now=NOW),
            lambda: personal.put_hold(subject_id=esmeralda.pk, reason="mine", until=None, by=stranger, now=NOW),
            lambda: personal.lift_hold(hold_id=hold.pk, by=stranger, now=NOW),
        ):
            with pytest.raises(NoSuchPerson):
                act()

    def test_an_erased_card_is_gone_for_good(self, esmeralda, lisina, olga):
        erase(esmeralda, lisina)

        assert services.restore_customers(customer_ids=[esmeralda.pk], by=BY, now=LATER) == []
        client = Client()
        client.force_login(olga)
        assert client.get(f"/customers/{esmeralda.pk}/").status_code == 404


@pytest.mark.feature("X.25")
class TestPages:
    def test_show_what_goes_and_what_stays_and_lead_through_both_steps(self, esmeralda, lisina):
        client = Client()
        client.force_login(lisina)
        card = client.get(f"/customers/{esmeralda.pk}/").content.decode()
        assert f"/customers/{esmeralda.pk}/personal/" in card

        page = text_of(client.get(f"/customers/{esmeralda.pk}/personal/"))
        assert "Recordings of calls, numbers in the journal of telephony 1" in page
        assert "statistics count them" in page
        empty = client.post(f"/customers/{esmeralda.pk}/personal/erase/", {"reason": ""})
        assert empty.status_code == 422
        assert "Say why; the reason is kept." in text_of(empty)
        asked = client.post(f"/customers/{esmeralda.pk}/personal/erase/", {"reason": "her request"})
        where = asked["Location"]
        assert "There is no way back after this step." in text_of(client.get(where))
        wrong = client.post(where, {"number": "5"})
        assert "Nothing was erased." in text_of(wrong)
        client.post(where, {"number": str(esmeralda.number)})
        assert "The data are being erased." in text_of(client.get(where))
        run_jobs()
        assert "The data are erased." in text_of(client.get(where))

    def test_put_and_lift_a_hold(self, esmeralda, lisina):
        client = Client()
        client.force_login(lisina)
        url = f"/customers/{esmeralda.pk}/personal/"

        wrong = client.post(f"{url}hold/", {"reason": "case 5", "last_day": "40.01.2030"})
        assert wrong.status_code == 422
        client.post(f"{url}hold/", {"reason": "case 5", "last_day": "01.01.2030"})

        page = text_of(client.get(url))
        assert "A legal hold keeps these data; they cannot be erased. case 5, until 01.01.2030" in page
        assert client.post(f"{url}erase/", {"reason": "x"}).status_code == 409

    def test_are_closed_to_those_who_have_none_of_the_rights(self, esmeralda, olga):
        client = Client()
        client.force_login(olga)

        assert client.get(f"/customers/{esmeralda.pk}/personal/").status_code == 403
        assert f"/customers/{esmeralda.pk}/personal/" not in client.get(f"/customers/{esmeralda.pk}/").content.decode()
        assert client.post(f"/customers/{esmeralda.pk}/personal/export/").status_code == 403


@pytest.mark.feature("X.25")
def test_all_that_is_held_is_handed_out_as_one_archive(esmeralda, lisina, olga):
    client = Client()
    client.force_login(lisina)
    progress = client.post(f"/customers/{esmeralda.pk}/personal/export/")["Location"]
    job = Job.objects.get(kind="personal.export")
    work_on(job.pk, now=lambda: datetime.now(tz=UTC))
    job.refresh_from_db()
    url = f"/personal/files/{job.pk}/"
    assert url in client.get(progress).content.decode()

    answer = client.get(url)

    path = Path(settings.RESULTS) / job.result["file"]
    assert b"".join(answer.streaming_content) == path.read_bytes()
    with zipfile.ZipFile(path) as archive:
        data = json.loads(archive.read("data.json"))
        page = archive.read("data.html").decode()
    assert data["about"]["name"] == esmeralda.full_name
    assert {part for part, held in data["data"].items() if any(held["sections"].values())} >= {
        *("customers", "interactions", "telephony", "desk", "foundation", "files", "imports")
    }
    assert data["data"]["customers"]["sections"]["comment"][0]["text"] == "кольцо с рубином"
    for said in ("Квазимодова", "4509876123", "кольцо с рубином", "говорит за неё", "черновик о рубине"):
        assert said in page
    assert CommandRecord.objects.filter(name="personal.note_download").count() == 1
    other = Client()
    other.force_login(olga)
    assert other.get(url).status_code == 403
