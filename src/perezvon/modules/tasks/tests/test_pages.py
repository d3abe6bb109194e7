"""The pages of tasks, as people and their browsers use them."""

from __future__ import annotations

from copy import copy
from datetime import UTC, datetime, timedelta
from urllib.parse import urlsplit

import pytest
from django.db import connection
from django.urls import reverse
from icalendar import Calendar

from perezvon.foundation import clock
from perezvon.foundation.access import System
from perezvon.foundation.history.models import Change
from perezvon.foundation.messages.models import Message
from perezvon.foundation.people.models import User
from perezvon.foundation.personal.registry import Subject
from perezvon.kernel.ids import uuid7
from perezvon.modules.interactions.models import Result
from perezvon.modules.tasks import services
from perezvon.modules.tasks.blueprint import export_tasks, load_tasks
from perezvon.modules.tasks.models import ActionKind, Feed, HandOver, Kind, Stage, StageChange, State, Task
from perezvon.modules.tasks.personal import holder
from perezvon.modules.tasks.registry import SubjectCard, SubjectKind, register_subject_kind
from perezvon.modules.tasks.selectors import hash_of_key
from perezvon.modules.tasks.services import Wanted
from perezvon.modules.topics.models import Topic

NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
BY = System(name="test")
AFTER_TOMORROW = (clock.now() + timedelta(days=2)).date()
FORM = {"title": "Check the address", "kind": "todo", "date": "2026-12-01", "time": "11:00", "zone": "Europe/Moscow"}


def planned(by, **wanted) -> Task:
    return services.plan(wanted=Wanted(**{"title": "Check the address"} | wanted), by=by, now=clock.now())


def act(browser, task: Task, what: str, **given):
    answer = browser.post(reverse("tasks:act", args=[task.pk, what]), given)
    assert answer.status_code == 302, answer.content.decode()
    task.refresh_from_db()
    return answer


def page(browser, name: str, *args: object, **query: str) -> str:
    answer = browser.get(reverse(f"tasks:{name}", args=args), query)
    assert answer.status_code == 200
    return str(answer.content.decode())


class TestPlanning:
    @pytest.mark.feature("F10.08")
    @pytest.mark.parametrize("kind", Kind.values)
    def test_a_task_of_each_kind_is_planned_and_stands_in_my_day(self, kind, browse, olga, elena):
        browser = browse(olga)
        form = FORM | {"kind": kind, "text": "Your card is ready", "customer": str(elena.pk), "zone": ""}

        made = browser.post(reverse("tasks:new"), form)

        task = Task.objects.get()
        assert urlsplit(made["Location"]).path == reverse("tasks:task", args=[task.pk])
        assert (task.kind, task.zone, task.customer_id) == (kind, "Asia/Omsk", elena.pk)
        shown = page(browser, "day")
        assert "Check the address" in shown
        assert "at the customer&#x27;s" in shown  # eleven there is eight here

    def test_what_is_wrong_is_said_and_what_was_typed_stays(self, browse, olga, elena):
        form = FORM | {"kind": "call", "customer": str(elena.pk), "zone": "", "time": "23:00"}

        browser = browse(olga)
        refused = browser.post(reverse("tasks:new"), form)

        assert refused.status_code == 422
        told = refused.content.decode()
        assert "It would be 23:00" in told
        assert "Check the address" in told

    @pytest.mark.feature("F29.02")
    def test_while_a_time_is_chosen_the_customers_clock_is_told(self, browse, olga, elena):
        query = {"date": "2026-12-01", "time": "22:00", "customer": str(elena.pk)}

        told = page(browse(olga), "hours", **query)

        assert "22:00 at the customer" in told
        assert "UTC+6" in told
        assert "calls are permitted" in told

    def test_a_form_that_is_sent_twice_plans_once(self, browse, olga):
        form, browser = FORM | {"command_id": str(uuid7(NOW))}, browse(olga)

        assert (
            browser.post(reverse("tasks:new"), form)["Location"] == browser.post(reverse("tasks:new"), form)["Location"]
        )
        assert Task.objects.count() == 1

    def test_a_task_is_edited_postponed_and_done(self, browse, olga):
        task, browser = planned(olga), browse(olga)
        browser.post(reverse("tasks:edit", args=[task.pk]), FORM | {"version": task.version, "title": "Call the shop"})
        task.refresh_from_db()
        assert task.title == "Call the shop"

        act(browser, task, "postpone", date="2026-12-02", time="12:30")
        assert task.due_local == "2026-12-02T12:30"
        act(browser, task, "do", result="They will bring it")
        assert (task.state, task.result) == (State.DONE, "They will bring it")
        act(browser, task, "reopen")
        assert task.state == State.WORK


class TestHandOver:
    @pytest.mark.feature("F10.05")
    @pytest.mark.feature("F10.06")
    def test_a_task_goes_from_one_to_another_who_accepts_it(self, browse, olga, ivan):
        task = planned(olga)
        act(browse(olga), task, "hand_over", to=str(ivan.id), note="He speaks English")
        browser = browse(ivan)
        assert "He speaks English" in page(browser, "day")

        act(browser, task, "accept", back="day")

        assert task.owner_id == ivan.id
        told = page(browse(olga), "day")
        assert "Handed over by you" in told
        assert "Accepted" in told

    def test_or_gives_it_back_and_says_why(self, browse, olga, ivan):
        task = planned(olga, owner_id=ivan.id)
        browser = browse(ivan)
        assert browser.post(reverse("tasks:act", args=[task.pk, "give_back"]), {"reason": ""}).status_code == 422

        act(browser, task, "give_back", reason="On leave")

        assert HandOver.objects.get().reason == "On leave"

    @pytest.mark.feature("F10.04")
    def test_what_lies_in_the_queue_is_told_on_the_desk_and_taken(self, browse, olga, ivan, line1):
        task = planned(olga, team_id=line1.pk)
        browser = browse(ivan)
        assert "There are tasks for you" in browser.get("/desk/").content.decode()

        act(browser, task, "take", back="day")

        assert task.owner_id == ivan.id
        assert "There are tasks for you" not in browser.get("/desk/").content.decode()


class TestBoards:
    @pytest.mark.feature("F10.01")
    def test_the_board_shows_columns_and_lanes_and_moves_cards(self, browse, olga, ivan):
        task = planned(olga)
        planned(ivan, title="Another one", kind=Kind.MEETING)
        browser = browse(olga)
        shown = page(browser, "board", lanes="owner")
        assert shown.count('class="board-lane"') == 2

        act(browser, task, "move", state="waiting", back="board", query="lanes=kind")

        assert task.state == State.WAITING

    def test_more_in_hand_than_was_agreed_is_told_and_nothing_is_refused(self, browse, olga):
        limits = {"what": "limits", "limit_new": "", "limit_work": "1"}
        admin = browse(_person("information_administrator"))
        assert admin.post(reverse("tasks:set_up"), limits | {"limit_new": "0"}).status_code == 422
        admin.post(reverse("tasks:set_up"), limits)
        assert export_tasks()["task_limits"] == {"work": 1}
        tasks, browser = [planned(olga), planned(olga, title="Second")], browse(olga)

        act(browser, tasks[0], "move", state="work", back="board")
        assert "were agreed" not in page(browser, "board")
        act(browser, tasks[1], "move", state="work", back="board")

        assert ": 2 in “In work”, 1 were agreed" in page(browser, "board", whose="all")

    def test_a_board_of_300_cards_costs_a_fixed_number_of_queries(self, browse, olga, django_assert_max_num_queries):
        first, browser = planned(olga), browse(olga)
        copies = [copy(first) for _each in range(299)]
        for number, one in enumerate(copies, start=1):
            one.pk, one.number = uuid7(NOW), first.number + number
        Task.objects.bulk_create(copies)
        page(browser, "board")

        with django_assert_max_num_queries(14):
            shown = page(browser, "board", lanes="owner")

        assert shown.count('class="board-card"') == 300

    def test_the_tree_goes_from_customers_to_their_business_to_its_contents(self, browse, olga, elena, contact, loans):
        root = Topic.objects.create(project=loans, name={"en": "Complaints"})
        topic = Topic.objects.create(project=loans, parent=root, name={"en": "Late delivery"})
        task = planned(olga, interaction_id=contact.pk, topic_id=topic.pk)
        planned(olga, title="Nobody's")
        browser = browse(olga)

        shown = page(browser, "tree")
        assert [
            text for text in ("Smirnova", "Contact No. 1", "Late delivery", "Complaints") if text not in shown
        ] == []

        act(browser, task, "do", back="tree")
        assert "Late delivery" not in page(browser, "tree")

    def test_a_module_above_hangs_its_own_business_into_the_tree(self, browse, olga, elena, monkeypatch):
        monkeypatch.setattr("perezvon.modules.tasks.registry._kinds", {})
        key = uuid7(NOW)
        cards = {key: SubjectCard("00192, Delivery is late", "/cases/192/", NOW)}
        register_subject_kind(SubjectKind("case", "Case", lambda keys, by: {k: cards[k] for k in keys if k in cards}))
        planned(olga, customer_id=elena.pk, subject=("case", key))

        assert "00192, Delivery is late" in page(browse(olga), "tree")

    def test_a_stranger_moves_nothing(self, browse, olga, ivan):
        task = planned(olga)
        answer = browse(ivan).post(reverse("tasks:act", args=[task.pk, "move"]), {"state": "done"})
        assert answer.status_code == 409
        task.refresh_from_db()
        assert task.state == State.NEW


class TestCalendar:
    @pytest.mark.feature("F10.10", partly="on a telephone without a link (mobile)")
    @pytest.mark.feature("F10.11", partly="per opportunity (sales)")
    def test_gives_what_is_planned_and_takes_what_is_dragged(self, browse, olga):
        task = planned(olga, due=datetime.fromisoformat("2026-12-01T11:00"), duration_min=45, zone="Asia/Omsk")
        browser = browse(olga)
        query = {"start": "2026-11-30T00:00:00", "end": "2026-12-07T00:00:00"}

        (shown,) = browser.get(reverse("tasks:events"), query).json()["events"]
        assert (shown["start"], shown["end"]) == ("2026-12-01T08:00:00", "2026-12-01T08:45:00")
        moved = browser.post(
            shown["move_url"],
            {"start": "2026-12-02T10:00", "end": "2026-12-02T11:30", "resized": "1", "version": shown["version"]},
        )

        assert moved.status_code == 200
        task.refresh_from_db()
        assert (task.due_local, task.duration_min) == ("2026-12-02T13:00", 90)  # Omsk is three hours ahead

    @pytest.mark.parametrize("query", [{}, {"start": "x", "end": "y"}, {"start": "2026-01-01", "end": "2027-01-01"}])
    def test_nonsense_is_not_found(self, browse, olga, query):
        assert browse(olga).get(reverse("tasks:events"), query).status_code == 404

    def test_a_calendar_program_reads_my_tasks_by_a_secret_address(self, browse, client, olga, ivan, elena):
        planned(olga, due=datetime.fromisoformat(f"{AFTER_TOMORROW}T11:00"), customer_id=elena.pk)
        planned(ivan, title="Not mine", due=datetime.fromisoformat(f"{AFTER_TOMORROW}T11:00"))
        shown = browse(olga).post(reverse("tasks:feed_key")).content.decode()
        assert "shown this once" in shown
        assert Feed.objects.get().key_hash not in shown
        address = User.objects.get(pk=olga.id)
        key = "x" * 40
        services.make_feed(key_hash=hash_of_key(key), by=olga, now=NOW)
        client.logout()

        read = Calendar.from_ical(client.get(reverse("tasks:feed", args=[key])).content)

        (event,) = read.walk("VEVENT")
        assert "Check the address" in str(event["SUMMARY"])
        assert "Smirnova" not in read.to_ical().decode()
        address.is_active = False
        address.save()
        assert client.get(reverse("tasks:feed", args=[key])).status_code == 404


class TestControl:
    @pytest.mark.feature("F10.07")
    def test_a_supervisor_sees_the_work_of_all_and_gives_away_a_leavers(self, browse, viktor, olga, ivan):
        task = planned(olga)
        browser = browse(viktor)
        assert "O Olga" in page(browser, "control")

        given = browser.post(reverse("tasks:hand_over_all"), {"from": olga.id, "to": ivan.id})

        assert given["Location"].endswith("?given=1")
        task.refresh_from_db()
        assert task.owner_id == ivan.id
        assert browse(olga).get(reverse("tasks:control")).status_code == 403

    def test_whoever_is_away_names_his_deputy(self, browse, olga, ivan):
        task, today = planned(olga), clock.now().date()
        given = {"deputy": ivan.id, "since": f"{today - timedelta(days=1)}", "until": f"{today + timedelta(days=5)}"}
        browse(olga).post(reverse("tasks:deputy"), given)

        browser = browse(ivan)
        assert "Check the address" in page(browser, "day")
        act(browser, task, "do")

    def test_many_tasks_are_closed_from_the_list(self, browse, olga, viktor):
        tasks = [planned(olga), planned(olga)]
        browser = browse(viktor)
        browser.post(reverse("tasks:list_bulk", args=["done"]), {"key": [str(task.pk) for task in tasks]})

        assert set(Task.objects.values_list("state", flat=True)) == {State.DONE}
        assert "Check the address" in page(browser, "list")


class TestContactAndCustomer:
    @pytest.fixture
    def action(self, db) -> ActionKind:
        blueprint = {
            "stages": [
                {"code": "clarify", "name": {"en": "Being clarified"}},
                {"code": "over", "name": {"en": "Over"}},
            ],
            "actions": [{"code": "ask", "name": {"en": "Ask the shop"}, "leads_to": "over", "at": ["clarify"]}],
        }
        load_tasks(blueprint, BY, NOW)
        kept = export_tasks()
        load_tasks(kept, BY, NOW)
        assert export_tasks() == kept
        return ActionKind.objects.get()

    @pytest.mark.feature("F04.09")
    @pytest.mark.feature("F04.10")
    @pytest.mark.feature("F04.11")
    @pytest.mark.feature("F04.12")
    @pytest.mark.feature("F10.03")
    @pytest.mark.feature("F06.15")
    def test_a_contact_gets_its_state_term_action_and_consultant(self, action, browse, olga, ivan, contact):
        browser = browse(olga)
        contact_page = reverse("interactions:contact", args=[contact.pk])
        post_url = reverse("tasks:next_step", args=[contact.pk])
        browser.post(post_url, {"next_stage": "clarify"})
        form = {"next_action": action.pk, "next_date": "2026-12-01", "next_time": "12:00", "next_owner": str(ivan.id)}
        browser.post(post_url, form)

        shown = browser.get(contact_page).content.decode()
        assert [text for text in ("Being clarified", "Ask the shop") if text not in shown] == []
        task = Task.objects.get()
        assert task.due_local == "2026-12-01T12:00"
        services.accept(task_id=task.pk, by=ivan, now=NOW)
        act(browse(ivan), task, "do")

        assert StageChange.objects.first().stage.code == "over"
        history = browse(olga).get(reverse("customers:card", args=[contact.customer_id])).content.decode()
        assert "Ask the shop: Done" in history

    @pytest.mark.feature("F01.10")
    @pytest.mark.feature("F01.14")
    def test_a_customers_card_shows_planned_contacts_and_tasks(self, browse, olga, elena):
        planned(olga, title="Tell him the rate", kind=Kind.CALL, customer_id=elena.pk)
        planned(olga, title="Find his papers", customer_id=elena.pk)

        card = browse(olga).get(reverse("customers:card", args=[elena.pk])).content.decode()

        assert [text for text in ("Planned contacts", "Tell him the rate", "Find his papers") if text not in card] == []

    @pytest.mark.feature("F10.09", partly="of a campaign (campaigns)")
    def test_a_result_that_asks_for_a_date_plans_a_contact(self, browse, olga, contact, loans):
        Result.objects.create(
            project=loans, code="back", name={"en": "Call back"}, requires=["callback_at"], needs_topic=False
        )
        browser, finish = browse(olga), reverse("desk:finish", args=[contact.pk])
        form = {"result": "back", "callback_date": f"{AFTER_TOMORROW}", "callback_to": "me"}

        late = browser.post(finish, form | {"callback_time": "20:00"})  # eleven in the evening in Omsk
        assert late.status_code == 422
        assert "calls are permitted" in late.content.decode()
        assert not Task.objects.exists()
        assert browser.post(finish, form | {"callback_time": "11:00"}).status_code == 200

        task = Task.objects.get()
        assert (task.kind, task.owner_id, task.due_local[11:]) == (Kind.CALL, olga.id, "14:00")

    @pytest.mark.feature("F04.15")
    def test_the_consultant_is_told_by_mail(self, browse, olga, ivan, contact):
        task = planned(olga, interaction_id=contact.pk)

        act(browse(olga), task, "mail", to=str(ivan.id), how="detailed")

        message = Message.objects.get()
        assert (message.channel, message.to, message.contact) == ("email", "ivan@bank.example", contact.pk)

    def test_a_persons_data_are_handed_out_and_erased(self, olga, ivan, elena):
        task = planned(olga, title="About Smirnova", customer_id=elena.pk, kind=Kind.CALL)
        services.hand_over(task_id=task.pk, to_id=ivan.id, note="Smirnova asked for you", by=olga, now=NOW)
        subject = Subject((elena.pk,), elena.number, elena.full_name, frozenset({"79161234567"}))
        assert holder().export(subject)["tasks"][0]["title"] == "About Smirnova"

        with connection.cursor() as cursor:
            cursor.execute("SELECT set_config('perezvon.erasing', 'on', true)")
        assert holder().erase(subject, NOW) == 1

        task.refresh_from_db()
        assert (task.address, "Smirnova" in task.title) == ("", False)
        assert HandOver.objects.get().note == ""
        assert not Change.objects.filter(after__icontains="Smirnova", table__startswith="tasks_").exists()


class TestSetUp:
    def test_an_administrator_makes_stages_and_actions(self, browse, loans):
        role = "information_administrator"
        browser = browse(_person(role))
        stage = {"what": "stage", "code": "work", "name_ru": "x", "name_en": "In work", "is_active": "on"}
        browser.post(reverse("tasks:set_up"), stage)
        action = {
            "what": "action", "code": "ask", "name_en": "Ask the shop", "kind": "todo", "to_stage": "work",
            "from_stages": ["work"], "usual_minutes": "60", "is_active": "on",
        }  # fmt: skip
        browser.post(reverse("tasks:set_up"), action)
        assert browser.post(reverse("tasks:set_up"), action).status_code == 422  # the code is taken
        kept = ActionKind.objects.get()

        browser.post(reverse("tasks:set_up"), action | {"version": kept.version, "name_en": "Ask another shop"})

        assert "Ask another shop" in page(browser, "set_up", action="ask")
        assert Stage.objects.get().code == "work"


def _person(role: str):
    from perezvon.foundation.people.models import Role  # noqa: PLC0415

    return User.objects.create_user("info", last_name="Info", role=Role.objects.get(code=role), language="en").actor()
