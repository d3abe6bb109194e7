"""Planned work from its planning to its end, and from hand to hand."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from perezvon.foundation.access import System
from perezvon.foundation.messages.models import Message
from perezvon.foundation.outbox.models import OutboxRow
from perezvon.foundation.people.models import User
from perezvon.kernel.ids import uuid7
from perezvon.modules.customers.models import ContactBan
from perezvon.modules.interactions.models import Interaction
from perezvon.modules.tasks import services
from perezvon.modules.tasks.models import HandOver, Kind, Stage, State, Task
from perezvon.modules.tasks.selectors import (
    NoSuchTask,
    get_task,
    list_of_customers,
    loads,
    may_be_called,
    my_day,
    stage_of,
)
from perezvon.modules.tasks.services import (
    Absence,
    NextStep,
    NobodyTakes,
    NothingOffered,
    NotYours,
    OutsideHours,
    ReasonMissing,
    TaskMoved,
    TaskWrong,
    Wanted,
    WantedAction,
    WantedStage,
)
from perezvon.modules.tasks.tests.conftest import NOW, person

BY = System(name="test")
HOUR = timedelta(hours=1)
NOON = datetime.fromisoformat("2026-11-24T12:00")  # on a wall


def planned(by, **wanted) -> Task:
    return services.plan(wanted=Wanted(**{"title": "Check the address"} | wanted), by=by, now=NOW)


def fresh(task) -> Task:
    return Task.objects.get(pk=task.pk)


class TestPlanning:
    def test_a_promise_is_kept_by_the_customers_clock(self, olga, elena):
        task = planned(olga, kind=Kind.CALL, customer_id=elena.pk, due=NOON)

        assert (task.zone, task.due_local, task.address) == ("Asia/Omsk", "2026-11-24T12:00", "79161234567")
        assert task.due_at == datetime(2026, 11, 24, 6, 0, tzinfo=UTC)
        assert may_be_called(task, NOW)
        assert not may_be_called(task, NOW + 7 * HOUR)  # ten in the evening in Omsk

    def test_nobody_is_called_at_night_where_he_is(self, olga, elena):
        with pytest.raises(OutsideHours) as refused:
            planned(olga, kind=Kind.CALL, customer_id=elena.pk, due=NOON.replace(hour=22))

        assert refused.value.facts["there"] == "22:00"
        assert not Task.objects.exists()

    def test_all_that_is_wrong_is_said_at_once(self, olga):
        with pytest.raises(TaskWrong) as refused:
            planned(olga, title=" ", kind=Kind.SMS, repeat="hourly")

        assert set(refused.value.facts["problems"]) == {"title", "address", "text", "due", "repeat"}

    def test_what_is_done_brings_the_next_of_its_row(self, olga):
        task = planned(olga, due=NOON, repeat="weekly", remind_min=15)
        services.do(task_id=task.pk, result="Done well", by=olga, now=NOW)
        services.do(task_id=task.pk, by=olga, now=NOW)  # a second click

        following = Task.objects.exclude(pk=task.pk).get()
        assert (following.due_local, following.state, following.result) == ("2026-12-01T12:00", State.NEW, "")
        assert following.remind_at == following.due_at - timedelta(minutes=15)

    def test_two_people_do_not_overwrite_each_other(self, olga, ivan):
        task = planned(olga)
        services.move(task_id=task.pk, state=State.WORK, by=olga, now=NOW)
        with pytest.raises(TaskMoved):
            services.edit(task_id=task.pk, version=task.version, wanted=Wanted(title="Other"), by=olga, now=NOW)
        with pytest.raises(NotYours):
            services.do(task_id=task.pk, by=ivan, now=NOW)

    def test_a_change_is_told_to_those_who_look(self, olga, loans):
        task = planned(olga)

        told = OutboxRow.objects.filter(topic="live", body__kind="task", body__id=str(task.pk)).get()
        assert {f"project:{loans.pk}", "project:*", f"user:{olga.id}"} <= set(told.audience)


class TestHandOver:
    @pytest.fixture
    def task(self, olga) -> Task:
        return planned(olga)

    def test_stays_with_whoever_offers_until_it_is_accepted(self, task, olga, ivan):
        services.hand_over(task_id=task.pk, to_id=ivan.id, note="He speaks English", by=olga, now=NOW)
        assert fresh(task).owner_id == olga.id
        assert [one.note for one in my_day(ivan, NOW).offered] == ["He speaks English"]

        services.accept(task_id=task.pk, by=ivan, now=NOW)

        assert (fresh(task).owner_id, fresh(task).state) == (ivan.id, State.WORK)
        with pytest.raises(NothingOffered):
            services.accept(task_id=task.pk, by=ivan, now=NOW)

    def test_is_given_back_with_a_reason(self, task, olga, ivan):
        services.hand_over(task_id=task.pk, to_id=ivan.id, note="", by=olga, now=NOW)
        with pytest.raises(ReasonMissing):
            services.give_back(task_id=task.pk, reason=" ", by=ivan, now=NOW)

        services.give_back(task_id=task.pk, reason="On leave from tomorrow", by=ivan, now=NOW)

        assert fresh(task).owner_id == olga.id
        (told,) = my_day(olga, NOW).given_away
        assert (told.state, told.reason) == (HandOver.State.RETURNED, "On leave from tomorrow")

    def test_a_second_offer_takes_the_first_one_back(self, task, olga, ivan, viktor):
        services.hand_over(task_id=task.pk, to_id=ivan.id, note="", by=olga, now=NOW)
        services.hand_over(task_id=task.pk, to_id=viktor.id, note="", by=olga, now=NOW)

        with pytest.raises(NothingOffered):
            services.accept(task_id=task.pk, by=ivan, now=NOW)
        assert services.accept(task_id=task.pk, by=viktor, now=NOW).owner_id == viktor.id

    def test_only_to_people_who_can_take_it(self, task, olga, ivan):
        User.objects.filter(pk=ivan.id).update(is_active=False)

        with pytest.raises(NobodyTakes):
            services.hand_over(task_id=task.pk, to_id=ivan.id, note="", by=olga, now=NOW)

    def test_planned_for_somebody_else_it_is_offered(self, olga, ivan):
        task = planned(olga, owner_id=ivan.id)

        assert task.owner_id == olga.id
        assert [one.task_id for one in my_day(ivan, NOW).offered] == [task.pk]


class TestNobodysAndTheGone:
    def test_what_nobody_has_is_taken_by_its_team(self, olga, ivan, line1):
        task = planned(olga, team_id=line1.pk)
        assert [one.pk for one in my_day(ivan, NOW).free] == [task.pk]

        services.take(task_id=task.pk, by=ivan, now=NOW)

        with pytest.raises(NotYours):
            services.take(task_id=task.pk, by=olga, now=NOW)

    def test_the_blocked_have_nothing(self, olga, ivan, line1):
        task, offered = planned(olga), planned(ivan, owner_id=olga.id)
        User.objects.filter(pk=olga.id).update(is_active=False)

        assert services.release(olga.id, NOW) == 1
        assert services.release(olga.id, NOW) == 0

        assert (fresh(task).owner_id, fresh(task).team_id) == (None, line1.pk)
        assert HandOver.objects.get(task=offered).state == HandOver.State.RETURNED

    def test_all_of_a_leavers_work_goes_to_somebody(self, olga, ivan, viktor):
        mine = [planned(olga), planned(olga)]
        services.do(task_id=mine[0].pk, by=olga, now=NOW)

        assert services.hand_over_all(from_id=olga.id, to_id=ivan.id, by=viktor, now=NOW) == 1
        assert (fresh(mine[0]).owner_id, fresh(mine[1]).owner_id) == (olga.id, ivan.id)

    def test_a_deputy_sees_and_does_the_work_of_whoever_is_away(self, olga, ivan, viktor):
        from django.utils.timezone import localdate  # noqa: PLC0415  (days of deputies are days of the wall)

        task = planned(olga, due=NOON)
        today = localdate()
        absence = Absence(olga.id, ivan.id, today, today + timedelta(days=7))
        services.set_deputy(absence=absence, by=olga, now=NOW)

        services.move(task_id=task.pk, state=State.WAITING, by=ivan, now=NOW)

        with pytest.raises(TaskWrong):
            services.set_deputy(absence=Absence(olga.id, olga.id, today, today), by=olga, now=NOW)

    def test_a_supervisor_sees_who_has_how_many_and_how_late(self, olga, ivan, viktor):
        planned(olga, due=NOON)
        planned(olga, due=NOON.replace(day=22))
        services.do(task_id=planned(ivan).pk, by=ivan, now=NOW)

        found = {one.user.pk: (one.open, one.overdue, one.done) for one in loads(viktor, NOW) if one.user}

        assert found == {olga.id: (2, 1, 0), ivan.id: (0, 0, 1)}


class TestScopes:
    def test_those_who_see_only_their_own_see_what_they_have_made_or_were_offered(self, olga, ivan, loans, line1):
        role = User.objects.get(pk=ivan.id).role
        role.scopes = {"tasks.view": "own"}
        role.save()
        narrow = User.objects.get(pk=ivan.id).actor()
        hers, offered = planned(olga), planned(olga, owner_id=ivan.id)

        assert get_task(offered.pk, by=narrow).pk == offered.pk
        with pytest.raises(NoSuchTask):
            get_task(hers.pk, by=narrow)

    def test_projects_are_kept_apart(self, olga, db):
        from perezvon.foundation.people.models import Project  # noqa: PLC0415

        other = person("petr", Project.objects.create(code="cards", number=102), None)
        with pytest.raises(NoSuchTask):
            get_task(planned(olga).pk, by=other)


class TestFollowing:
    @pytest.fixture
    def chain(self, db) -> None:
        for position, code in enumerate(["registered", "clarified", "closed"]):
            wanted = WantedStage({"en": code.title()}, position, is_final=code == "closed")
            services.put_stage(code=code, wanted=wanted, by=BY, now=NOW)
        call = WantedAction({"en": "Ask the shop"}, Kind.TODO, ("registered",), "clarified")
        services.put_action(code="ask", wanted=call, by=BY, now=NOW)

    def test_an_action_that_is_done_brings_the_contact_to_its_next_stage(self, chain, olga, ivan, contact):
        action = services.put_action(
            code="tell", wanted=WantedAction({"en": "Tell"}, Kind.TODO, (), "closed"), by=BY, now=NOW
        )
        step = NextStep("registered", action.pk, NOON, str(ivan.id))
        task = services.follow(interaction_id=contact.pk, step=step, by=olga, now=NOW)
        assert stage_of(contact.pk).stage.code == "registered"
        assert (task.title, task.action_id, task.customer_id) == ("Tell", action.pk, contact.customer_id)

        services.accept(task_id=task.pk, by=ivan, now=NOW)
        services.do(task_id=task.pk, by=ivan, now=NOW + HOUR)

        assert stage_of(contact.pk).stage.code == "closed"

    def test_a_promised_call_is_planned_once_and_kept_by_calling(self, olga, contact):
        fields = {"callback_at": "2026-11-24T09:00:00+03:00", "callback_to": "anyone", "comment": "About the rate"}
        first = services.plan_callback(interaction_id=contact.pk, fields=fields, by=olga, now=NOW)
        again = services.plan_callback(interaction_id=contact.pk, fields=fields, by=olga, now=NOW)
        assert first == again
        assert (first.kind, first.owner_id, first.due_local) == (Kind.CALL, None, "2026-11-24T12:00")

        later = NOW + timedelta(days=1)
        call = Interaction.objects.create(
            id=uuid7(later), number=2, project=contact.project, channel="phone", direction="outbound",
            address=contact.address, began_at=later, answered_at=later, ended_at=later, agent_id=olga.id,
        )  # fmt: skip
        assert services.call_was_made(call, later) == 1

        assert (fresh(first).state, fresh(first).owner_id) == (State.DONE, olga.id)
        assert [one.state for one in list_of_customers([contact.customer_id], by=olga)] == [State.DONE]

    def test_a_stage_in_use_cannot_be_given_two_names(self, chain):
        with pytest.raises(TaskWrong):
            services.put_stage(code="closed", wanted=WantedStage({"en": "Over"}), by=BY, now=NOW)
        assert Stage.objects.count() == 3


class TestSpeaking:
    @pytest.fixture
    def sms(self, olga, elena) -> Task:
        return planned(olga, title="Remind", text="Your card is ready", kind=Kind.SMS, customer_id=elena.pk, due=NOON)

    def send(self, task: Task, now: datetime):
        return services.send_sms(task_id=task.pk, by=System(name="tasks"), now=now)

    def test_a_planned_sms_is_sent_at_its_time_and_once(self, sms):
        assert self.send(sms, sms.due_at - HOUR) is None

        message = self.send(sms, sms.due_at)
        assert self.send(sms, sms.due_at) is None

        assert (message.to, message.text, message.record) == ("+79161234567", "Your card is ready", sms.customer_id)
        assert (fresh(sms).state, fresh(sms).sent) == (State.DONE, message.pk)

    def test_whoever_must_not_be_contacted_gets_none_and_a_person_is_told(self, sms, elena):
        ContactBan.objects.create(customer=elena, channel="any", reason="asked for it", at=NOW)

        assert self.send(sms, sms.due_at) is None

        assert not Message.objects.exists()
        assert fresh(sms).state == State.WAITING
        assert fresh(sms).result

    def test_late_at_night_it_waits_for_the_morning(self, sms):
        assert self.send(sms, sms.due_at + 10 * HOUR) is None
        assert fresh(sms).state == State.NEW
        assert self.send(sms, sms.due_at + 21 * HOUR) is not None

    def test_a_reminder_is_given_once_to_whoever_has_it(self, olga):
        task = planned(olga, due=NOON, remind_min=30)
        at = task.due_at - timedelta(minutes=30)

        assert [services.remind(moment) for moment in (at - HOUR, at, at)] == [0, 1, 0]
        assert OutboxRow.objects.filter(body__kind="reminder", audience=[f"user:{olga.id}"]).count() == 1

    @pytest.mark.parametrize("is_detailed", [False, True])
    def test_the_consultant_is_told_by_mail_short_or_in_full(self, is_detailed, olga, ivan, elena):
        task = planned(olga, text="She asks about the rate", customer_id=elena.pk, due=NOON)

        message = services.mail(task_id=task.pk, to_id=ivan.id, is_detailed=is_detailed, by=olga, now=NOW)

        assert message.to == "ivan@bank.example"
        assert ("Smirnova" in message.text) is is_detailed
        assert ("She asks" in message.text) is is_detailed
