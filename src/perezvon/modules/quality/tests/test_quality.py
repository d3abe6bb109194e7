"""Cards, evaluations, appeals and samples: who may do what, and what becomes of it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from uuid import uuid4

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from perezvon.foundation import clock
from perezvon.foundation.access import System
from perezvon.foundation.notices.models import Notice
from perezvon.foundation.people.models import Role
from perezvon.foundation.personal.registry import Subject
from perezvon.kernel.errors import NotAllowed, NotFound
from perezvon.kernel.ids import uuid7
from perezvon.modules.customers.models import Customer
from perezvon.modules.quality import services
from perezvon.modules.quality.blueprint import export_scorecards, load_scorecards
from perezvon.modules.quality.models import Evaluation, Sampled, Scorecard, State
from perezvon.modules.quality.personal import holder
from perezvon.modules.quality.selectors import (
    by_agent,
    calibration_of,
    get_evaluation,
    list_waiting,
    visible_evaluations,
)
from perezvon.modules.quality.services import Found, WantedCard
from perezvon.modules.reporting.tests.contacts import make_call, make_project, make_queue, make_user
from perezvon.modules.telephony.models import Recording
from perezvon.project import blueprint

NOW = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
BY = System(name="test")
QUESTIONS = [
    {"code": "greeting", "section": {"en": "Talk"}, "text": {"en": "Greeted"}, "most": 1, "weight": 1},
    {"code": "answer", "section": {"en": "Talk"}, "text": {"en": "Answered"}, "most": 4, "weight": 3},
    {"code": "rude", "section": {"en": "Law"}, "text": {"en": "Was polite"}, "weight": 0, "fatal": True},
]
WELL = {"greeting": 1, "answer": 4, "rude": 1}


@pytest.fixture(autouse=True)
def at_noon(monkeypatch):
    monkeypatch.setattr(clock, "now", lambda: NOW)


@pytest.fixture
def queue(db):
    Role.objects.filter(code="supervisor").update(all_projects=False)
    return make_queue(make_project("loans", 1), "loans")


@pytest.fixture
def olga(queue):
    return make_user("olga", "operator", queue.project)


@pytest.fixture
def viktor(queue):
    return make_user("viktor", "supervisor", queue.project)


@pytest.fixture
def anna(queue):
    """Another evaluator of the same project."""
    return make_user("anna", "supervisor", queue.project)


@pytest.fixture
def card(db):
    return services.save_card(wanted=WantedCard("calls", {"en": "Calls"}, QUESTIONS), by=BY, now=NOW)


@pytest.fixture
def customer(db):
    return Customer.objects.create(id=uuid7(NOW), number=1, last_name="Smirnova", created_at=NOW)


def record(queue, agent, at=NOW - timedelta(hours=1), seconds=60.0, **fields):
    contact = make_call(queue, at, agent=agent, **fields)
    return Recording.objects.create(
        id=uuid4(), interaction=contact, call=contact.pk, began_at=at, path=f"{contact.pk}.wav", seconds=seconds
    )


@pytest.fixture
def recording(queue, olga, customer):
    return record(queue, olga, customer=customer)


def begin(recording, card, by, **how):
    return services.begin(recording_id=recording.pk, scorecard_id=card.pk, by=by.actor(), now=NOW, **how)


def published(recording, card, by, answers=None, **how):
    one = begin(recording, card, by, **how)
    found = Found(WELL if answers is None else answers, {"answer": "too short"}, "Well done", "Listen more")
    services.keep(evaluation_id=one.pk, found=found, by=by.actor(), now=NOW)
    return services.publish(evaluation_id=one.pk, by=by.actor(), now=NOW)


class TestCards:
    def test_questions_keep_their_codes_and_new_ones_get_one(self, card):
        questions = [QUESTIONS[1], {"text": {"en": "New"}, "most": 1, "weight": 1}]

        changed = services.save_card(wanted=WantedCard("calls", {"en": "Calls"}, questions), version=1, by=BY, now=NOW)

        assert [one["code"] for one in changed.questions] == ["answer", "q1"]
        assert (changed.pk, changed.version) == (card.pk, 2)

    @pytest.mark.parametrize(
        ("wanted", "problems"),
        [
            ({"name": {"en": " "}}, {"name": "missing"}),
            ({"questions": []}, {"questions": "questions"}),
            ({"pass_percent": 101}, {"pass_percent": "percent"}),
            ({"questions": [{"text": {}, "most": 0, "weight": 101}]},
             {"0.text": "missing", "0.most": "number", "0.weight": "number"}),
        ],
    )  # fmt: skip
    def test_what_is_wrong_is_told_at_its_place(self, db, wanted, problems):
        values = {"code": "x", "name": {"en": "X"}, "questions": QUESTIONS} | wanted

        with pytest.raises(services.CardWrong) as refused:
            services.save_card(wanted=WantedCard(**values), by=BY, now=NOW)

        assert refused.value.facts["problems"] == problems
        assert not Scorecard.objects.exists()

    def test_of_two_who_change_it_the_second_is_told(self, card):
        wanted = WantedCard("calls", {"en": "Calls"}, QUESTIONS)
        services.save_card(wanted=wanted, version=1, by=BY, now=NOW)

        with pytest.raises(services.NotNow):
            services.save_card(wanted=wanted, version=1, by=BY, now=NOW)

    def test_travel_in_blueprints(self, card):
        exported = export_scorecards()
        Scorecard.objects.all().delete()

        load_scorecards(exported, BY, NOW)

        assert export_scorecards() == exported

    def test_of_the_bank_is_whole_in_both_languages(self):
        """A comma that nobody quoted would cut a text in two."""
        (shipped,) = blueprint.read("bank")["scorecards"]

        assert {frozenset(one[name]) for one in shipped["questions"] for name in ("section", "text")} == {
            frozenset({"ru", "en"})
        }

    def test_are_set_up_in_a_table_that_keeps_what_is_typed(self, card, viktor, client):
        client.force_login(viktor)
        rows = {
            "name_ru": "Звонки", "name_en": "Calls", "pass_percent": "75", "critical_percent": "100", "is_active": "on",
            "code": ["greeting", ""], "section_ru": ["", ""], "section_en": ["Talk", "Talk"],
            "text_ru": ["", "Новый"], "text_en": ["Greeted", ""], "most": ["1", "2"], "weight": ["1", "x"],
            "fatal": ["1"], "version": "1",
        }  # fmt: skip

        refused = client.post(f"/quality/cards/{card.pk}/", rows | {"act": "save"})
        assert refused.status_code == 422
        assert "Новый" in refused.content.decode()
        added = client.post(f"/quality/cards/{card.pk}/", rows | {"act": "add"})
        assert added.content.decode().count('name="text_ru"') == 3
        moved = client.post(f"/quality/cards/{card.pk}/", rows | {"act": "up:1"}).content.decode()
        assert moved.index("Новый") < moved.index("Greeted")
        assert (
            client.post(f"/quality/cards/{card.pk}/", rows | {"act": "save", "weight": ["1", "2"]}).status_code == 302
        )

        card.refresh_from_db()
        assert (card.pass_percent, [one["fatal"] for one in card.questions]) == (75, [False, True])


class TestEvaluating:
    def test_counts_as_the_card_says_and_is_told_to_the_operator(self, recording, card, viktor, olga):
        one = published(recording, card, viktor, WELL | {"answer": 2})

        assert (one.percent, one.passed, one.state) == (Decimal("62.5"), False, State.PUBLISHED)
        assert list(Notice.objects.values_list("user", "code")) == [(olga.pk, services.PUBLISHED)]

    def test_goes_by_the_card_with_which_it_began(self, recording, card, viktor):
        one = begin(recording, card, viktor)
        services.save_card(wanted=WantedCard("calls", {"en": "Calls"}, QUESTIONS[:1]), by=BY, now=NOW)

        services.keep(evaluation_id=one.pk, found=Found(WELL), by=viktor.actor(), now=NOW)

        assert get_evaluation(one.pk, by=viktor.actor()).answers == WELL

    def test_is_not_published_before_all_is_answered(self, recording, card, viktor):
        one = begin(recording, card, viktor)
        services.keep(evaluation_id=one.pk, found=Found({"greeting": None}), by=viktor.actor(), now=NOW)

        with pytest.raises(services.NotFinished) as refused:
            services.publish(evaluation_id=one.pk, by=viktor.actor(), now=NOW)

        assert refused.value.facts["codes"] == ("answer", "rude")

    def test_takes_no_answer_that_a_question_cannot_have(self, recording, card, viktor):
        one = begin(recording, card, viktor)

        kept = services.keep(
            evaluation_id=one.pk, found=Found({"answer": 5, "greeting": 1, "other": 1}), by=viktor.actor(), now=NOW
        )

        assert kept.answers == {"greeting": 1}

    def test_twice_by_the_same_goes_on_and_by_another_is_refused(self, recording, card, viktor, anna):
        assert begin(recording, card, viktor) == begin(recording, card, viktor)

        with pytest.raises(services.NotNow):
            begin(recording, card, anna)

    def test_somebody_elses_draft_is_nobodys_affair(self, recording, card, viktor, anna, olga):
        one = begin(recording, card, viktor)

        for by in (anna, olga):
            assert one not in visible_evaluations(by.actor())
        with pytest.raises(NotFound):
            services.keep(evaluation_id=one.pk, found=Found(WELL), by=anna.actor(), now=NOW)

    def test_is_for_evaluators_of_the_project(self, recording, card, olga):
        stranger = make_user("stranger", "supervisor", make_project("cards", 2))

        with pytest.raises(NotFound):
            begin(recording, card, stranger)
        with pytest.raises(NotAllowed):
            begin(recording, card, olga)

    def test_outlives_the_sound(self, recording, card, viktor):
        one = published(recording, card, viktor)

        recording.delete()

        assert get_evaluation(one.pk, by=viktor.actor()).percent == 100

    def test_marks_stand_in_the_order_of_the_recording(self, recording, card, viktor):
        one = begin(recording, card, viktor)
        for at, text in ((30.5, "rude"), (2.0, "good")):
            services.mark(evaluation_id=one.pk, at_s=at, text=text, by=viktor.actor(), now=NOW)

        marks = get_evaluation(one.pk, by=viktor.actor()).marks.all()
        assert [mark.text for mark in marks] == ["good", "rude"]
        services.unmark(evaluation_id=one.pk, mark_id=marks[0].pk, by=viktor.actor(), now=NOW)
        with pytest.raises(services.SaySomething):
            services.mark(evaluation_id=one.pk, at_s=1, text=" ", by=viktor.actor(), now=NOW)


class TestAppeal:
    def test_is_decided_by_another_and_the_evaluator_corrects(self, recording, card, viktor, anna, olga):
        one = published(recording, card, viktor)
        services.appeal(evaluation_id=one.pk, text="I did say it", by=olga.actor(), now=NOW)
        with pytest.raises(services.NotNow):
            services.decide(evaluation_id=one.pk, is_right=False, text="No", by=viktor.actor(), now=NOW)

        services.decide(evaluation_id=one.pk, is_right=True, text="He is right", by=anna.actor(), now=NOW)

        one.refresh_from_db()
        assert (one.state, one.decided_by, one.decision) == (State.DRAFT, anna, "He is right")
        assert Notice.objects.filter(user=viktor, code=services.DECIDED).exists()

    def test_that_is_refused_leaves_the_evaluation(self, recording, card, viktor, anna, olga):
        one = published(recording, card, viktor)
        services.appeal(evaluation_id=one.pk, text="I did say it", by=olga.actor(), now=NOW)

        services.decide(evaluation_id=one.pk, is_right=False, text="He did not", by=anna.actor(), now=NOW)

        one.refresh_from_db()
        assert one.state == State.UPHELD
        with pytest.raises(services.NotNow):
            services.appeal(evaluation_id=one.pk, text="Again", by=olga.actor(), now=NOW)

    def test_is_for_whose_conversation_it_was(self, recording, card, viktor, queue):
        one = published(recording, card, viktor)
        ivan = make_user("ivan", "operator", queue.project)

        for by in (ivan, viktor):
            with pytest.raises(NotFound):
                services.appeal(evaluation_id=one.pk, text="Hm", by=by.actor(), now=NOW)

    def test_needs_words_and_accepting_none(self, recording, card, viktor, olga):
        one = published(recording, card, viktor)
        with pytest.raises(services.SaySomething):
            services.appeal(evaluation_id=one.pk, text=" ", by=olga.actor(), now=NOW)

        services.accept(evaluation_id=one.pk, by=olga.actor(), now=NOW)

        one.refresh_from_db()
        assert one.state == State.ACCEPTED


class TestCalibration:
    def test_compares_without_counting_and_without_the_operator(self, recording, card, viktor, anna, olga):
        first = published(recording, card, viktor)
        second = published(recording, card, anna, WELL | {"greeting": 0}, calibration=True)

        found = calibration_of(first, by=viktor.actor())
        assert found.evaluations == (first, second)
        assert (found.agreement.spread, found.agreement.questions["greeting"]) == (25, 50)
        assert list(visible_evaluations(olga.actor())) == [first]
        (row,) = by_agent(since=NOW.date(), by=viktor.actor())
        assert (row.count, row.percent) == (1, 100)
        assert Notice.objects.filter(user=olga).count() == 1


class TestSample:
    def test_draws_so_many_of_each_once(self, queue, olga, card, viktor):
        ivan = make_user("ivan", "operator", queue.project)
        for number in range(5):
            record(queue, olga, NOW - timedelta(hours=number + 1))
        record(queue, ivan)
        record(queue, ivan, seconds=5)
        record(queue, ivan, NOW - timedelta(days=8))
        asked = {"scorecard_id": card.pk, "each": 3, "least_s": 30, "by": viktor.actor(), "now": NOW}

        assert services.draw(**asked) == 4
        assert services.draw(**asked) == 0
        assert Sampled.objects.filter(agent=olga).count() == 3

    def test_waits_until_it_is_begun(self, recording, card, viktor):
        services.draw(scorecard_id=card.pk, each=1, by=viktor.actor(), now=NOW)
        assert [one.recording for one in list_waiting(by=viktor.actor())] == [recording]

        begin(recording, card, viktor)

        assert not list_waiting(by=viktor.actor()).exists()


class TestPages:
    def test_an_evaluator_goes_from_the_recording_to_a_published_evaluation(self, recording, card, viktor, client):
        client.force_login(viktor)
        beside = client.get(f"/recordings/{recording.pk}/page/").content.decode()
        assert f"/quality/recordings/{recording.pk}/" in beside
        begun = client.post(f"/quality/recordings/{recording.pk}/", {"card": card.pk})
        page = begun["Location"]

        score = client.post(f"{page}keep/", {"answer.greeting": "1", "answer.answer": "-"}).content.decode()
        assert "100" in score
        refused = client.post(f"{page}act/", {"act": "publish", "answer.greeting": "1", "comment": "kept words"})
        assert refused.status_code == 422
        assert "kept words" in refused.content.decode()
        answers = {f"answer.{code}": str(value) for code, value in WELL.items()}
        assert client.post(f"{page}act/", answers | {"act": "publish"}).status_code == 302
        assert client.get("/quality/").content.decode().count(page) >= 1

    def test_the_operator_reads_his_own_and_appeals(self, recording, card, viktor, olga, client):
        one = published(recording, card, viktor)
        client.force_login(olga)

        shown = client.get(f"/quality/{one.pk}/").content.decode()
        assert "Listen more" in shown
        assert client.post(f"/quality/{one.pk}/act/", {"act": "appeal", "text": "I did"}).status_code == 302
        assert client.get("/quality/waiting/").status_code == 403
        assert client.post(f"/quality/{one.pk}/keep/", {}).status_code == 403

    def test_costs_the_same_however_long_the_card_is(self, recording, card, viktor, client):
        one = published(recording, card, viktor)
        client.force_login(viktor)
        client.get(f"/quality/{one.pk}/")
        with CaptureQueriesContext(connection) as few:
            client.get(f"/quality/{one.pk}/")
        Evaluation.objects.filter(pk=one.pk).update(card=one.card | {"questions": QUESTIONS * 10})
        with CaptureQueriesContext(connection) as many:
            client.get(f"/quality/{one.pk}/")

        assert len(many) == len(few)


class TestPersonalData:
    def test_words_go_scores_stay(self, recording, card, viktor, customer):
        one = published(recording, card, viktor)
        kept = Evaluation.objects.get(pk=one.pk)
        subject = Subject((customer.pk,), 1, "Smirnova", frozenset())
        held = holder()
        assert held.count(subject) == 1
        assert held.export(subject)["evaluations"][0]["comment"] == "Well done"

        assert held.erase(subject, NOW) == 1

        kept.refresh_from_db()
        assert (kept.comment, kept.notes, kept.percent) == ("", {}, 100)
        assert held.count(subject) == 0
