"""The bank's tree of results, chosen in the form as a browser posts it: who is offered what, what it asks for, what
follows. Every rule of the seed has its line here."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

import pytest
from django.urls import reverse
from django.utils import translation

from perezvon.foundation import clock
from perezvon.foundation.people.models import Group, Project, Role, User
from perezvon.kernel.ids import uuid7
from perezvon.modules.catalogue.models import Product
from perezvon.modules.customers.models import ContactBan, Customer, Status
from perezvon.modules.interactions.models import Channel, Interaction, InteractionTopic, Offer, Result
from perezvon.modules.interactions.services import FieldsMissing, ResultRefused, result_form, save_result
from perezvon.modules.scripting.services import begin_run
from perezvon.modules.scripting.tests.conftest import draw as draw
from perezvon.modules.scripting.tests.conftest import drawn, node, way
from perezvon.modules.tasks.models import Kind, Task
from perezvon.modules.topics.models import Topic
from perezvon.project import blueprint

NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)  # noon in Moscow
_PARTS = ("projects", "groups", "catalogue", "offices", "dimensions", "sources", "results")
VISIT = {"visit_date": "2026-11-26", "visit_time": "12:30"}
PLACE = {"region": "moscow", "settlement": "moscow_city"}
OFFICE = PLACE | {"office": "msk_lipovaya"}
CALL = {"callback_date": "2026-11-24", "callback_time": "11:00", "callback_to": "me"}


@pytest.fixture
def at_noon(monkeypatch):
    monkeypatch.setattr(clock, "now", lambda: NOW)


@pytest.fixture
def bank(db):
    whole = blueprint.read("bank")
    whole["projects"] = [one for one in whole["projects"] if one["code"] == "loans"]
    blueprint.load({name: whole[name] for name in _PARTS}, now=NOW)
    return Project.objects.get(code="loans")


class Desk:
    """Olga with one contact in hand."""

    def __init__(self, project: Project) -> None:
        role = Role.objects.get(code="operator")
        self.user = User.objects.create_user("olga", last_name="Ivanova", first_name="Olga", role=role, language="en")
        self.user.projects.add(project)
        self.project = project
        self.elena = Customer.objects.create(
            id=uuid7(NOW), number=1, last_name="Smirnova", created_at=NOW, source="\u0421\u0430\u0439\u0442"
        )
        self.topic = Topic.objects.create(project=project, name={"en": "Loans"})
        self.contact = self.calls()

    def calls(self, direction: str = "outbound", *, answered: bool = True) -> Interaction:
        self.contact = Interaction.objects.create(
            id=uuid7(NOW), number=Interaction.objects.count() + 1, project=self.project, channel=Channel.PHONE,
            direction=direction, customer=self.elena, address="79161234567", began_at=NOW, ended_at=NOW,
            answered_at=NOW if answered else None, agent=self.user,
        )  # fmt: skip
        InteractionTopic.objects.create(interaction=self.contact, topic=self.topic, by=self.user, at=NOW)
        return self.contact

    @property
    def actor(self):
        return User.objects.get(pk=self.user.pk).actor()

    def joins(self, group: str) -> None:
        self.user.groups.set([Group.objects.get(code=group)])

    def form(self, **given: str):
        with translation.override("en"):
            return result_form(Interaction.objects.get(pk=self.contact.pk), given, by=self.actor, now=NOW)

    def results(self, **given: str) -> dict[str, set[str]]:
        """Offered results with their reasons."""
        rows = [row for group in self.form(**given).groups for row in group["results"]]
        return {row["id"]: {reason["value"] for reason in row["reasons"]} for row in rows}

    def asked(self, **given: str) -> set[str]:
        return {field["name"] for field in self.form(**given).fields}

    def missing(self, result: str, **fields: str) -> set[str]:
        """What the result still needs; nothing is saved."""
        with pytest.raises(FieldsMissing) as refused:
            self.saves(result, **fields)
        return set(refused.value.facts["fields"])

    def refused(self, result: str, **fields: str) -> str:
        with pytest.raises(ResultRefused) as refused:
            self.saves(result, **fields)
        return str(refused.value.facts["field"])

    def saves(self, result: str, **fields: str) -> Interaction:
        return save_result(interaction_id=self.contact.pk, result=result, fields=fields, by=self.actor, now=NOW)


@pytest.fixture
def desk(bank, at_noon):
    return Desk(bank)


@pytest.fixture
def finish(desk, client):
    """Posts the write-up as a browser does; the contact as it is then."""
    client.force_login(desk.user)

    def finish(result: str, status: int = 200, **given: str) -> Interaction:
        answer = client.post(reverse("desk:finish", args=[desk.contact.pk]), {"result": result, "comment": "", **given})
        assert answer.status_code == status, answer.content.decode()
        return Interaction.objects.select_related("result").get(pk=desk.contact.pk)

    return finish


def offers(desk: Desk, code: str) -> None:
    product = Product.objects.get(code=code)
    Offer.objects.create(interaction=desk.contact, product=product, by=desk.user, at=NOW)


@pytest.mark.feature("F08.01")
@pytest.mark.feature("F08.02")
@pytest.mark.feature("F08.03")
@pytest.mark.feature("F08.25")
@pytest.mark.feature("F08.32")
@pytest.mark.feature("F08.44")
@pytest.mark.feature("X.03")
@pytest.mark.feature("F28.05", partly="functions other than results (scripting)")
def test_everybody_is_offered_what_he_may_use_and_the_server_refuses_the_rest(desk):
    reached = {"call_back", "thinking", "agreed", "changed_date", "refused", "off_target"}
    assert reached | {"do_not_disturb", "consultation", "call_broken"} <= set(desk.results())
    assert not {"visit_client", "halva", "no_answer", "dropped"} & set(desk.results())
    titles = [group["title"] for group in desk.form().groups]
    assert titles == ["Inquiry", "Reached", "Close the contact", "Not reached"]

    desk.joins("vkc")
    assert "changed_date" not in desk.results()
    assert desk.refused("changed_date", visit_at="2026-11-26T12:30:00+03:00") == "result"
    assert desk.refused("visit_client") == "result"
    desk.joins("msb")
    assert "visit_client" in desk.results()
    assert desk.asked(result="visit_client") == {"visit_at", "address"}

    desk.calls("inbound")
    assert {
        "solved",
        "case_created",
        "passed_on",
        "answer_promised",
        "dropped",
        "wrong_number",
        "silence",
        "abuse",
    } <= set(desk.results())


@pytest.mark.feature("F08.04")
@pytest.mark.feature("F08.05", partly="a call through the dialer (dialer)")
@pytest.mark.feature("F30.13")
def test_who_could_not_be_reached_has_one_of_eight_reasons(desk):
    desk.calls(answered=False)
    assert len(desk.results()["no_answer"]) == 8
    assert desk.missing("no_answer") == {"reason"}
    assert desk.refused("no_answer", reason="typed by hand") == "reason"
    assert desk.saves("no_answer", reason="busy").result_fields == {"reason": "busy", "dialer": "again"}
    Result.objects.filter(code="off_target", project=desk.project).update(is_active=False)
    assert "off_target" not in desk.results()


@pytest.mark.feature("F08.06")
@pytest.mark.feature("F08.07")
@pytest.mark.feature("F08.08")
@pytest.mark.feature("F08.09")
@pytest.mark.feature("F08.10")
@pytest.mark.feature("F08.38", partly="returning the job (dialer)")
def test_a_call_back_is_the_next_day_unless_the_customer_calls_himself(desk, finish):
    assert desk.results()["call_back"] == {"asked", "broken"}
    assert desk.results(talked="third")["call_back"] == {"asked", "broken", "third"}
    chosen = {"result": "call_back", "reason-call_back": "asked"}
    assert desk.form(**chosen).callback["callback_date"] == "2026-11-24"
    declined = desk.form(**chosen, declines="yes", callback_date="2026-11-24", callback_proposed="2026-11-24")
    assert (declined.callback["callback_date"], declined.comment_required) == ("2026-12-07", True)
    named = desk.form(**chosen, declines="yes", callback_date="2026-12-01", callback_proposed="2026-11-24")
    assert named.callback["callback_date"] == "2026-12-01"
    at = "2026-12-07T11:00:00+03:00"
    assert desk.missing("call_back", reason="asked", callback_at=at, declines="yes") == {"comment"}
    assert desk.missing("call_back") == {"reason", "callback_at"}

    today = finish(
        "call_back", **{"reason-call_back": "asked"}, **CALL | {"callback_date": "2026-11-23", "callback_time": "18:00"}
    )
    assert today.result_fields["dialer"] == "again"
    desk.calls()
    later = finish("call_back", **{"reason-call_back": "asked"}, **CALL)
    assert later.result_fields["dialer"] == "over"
    planned = Task.objects.get(interaction=later)
    assert (planned.kind, planned.due_at) == (Kind.CALL, datetime(2026, 11, 24, 8, 0, tzinfo=UTC))


def test_what_somebody_has_promised_is_planned_though_he_may_not_plan(desk, finish):
    role = Role.objects.get(code="operator")
    role.rights.remove("tasks.write")
    role.save()

    promised = finish("call_back", **{"reason-call_back": "asked"}, **CALL)

    assert Task.objects.get(interaction=promised).owner == desk.user


@pytest.mark.feature("X.01")
def test_the_call_broke_off_is_a_short_way_to_call_back(desk, finish):
    assert desk.form(result="call_broken").callback["callback_date"] == "2026-11-24"
    saved = finish("call_broken", **CALL)
    assert (saved.result.code, saved.result_fields["reason"]) == ("call_back", "broken")
    assert saved.result_fields["dialer"] == "again"


@pytest.mark.feature("F08.11")
@pytest.mark.feature("F08.12")
@pytest.mark.feature("F08.13")
@pytest.mark.feature("F08.14")
@pytest.mark.feature("F08.15")
@pytest.mark.feature("F08.16")
@pytest.mark.feature("F08.17")
def test_off_target_is_for_a_talk_and_each_reason_for_its_case(desk):
    assert desk.missing("off_target") == {"reason"}
    desk.joins("fk")
    everything = desk.results(campaign="borrower_check")["off_target"]
    assert len(everything) == 14
    assert "depositor" not in desk.results(campaign="loans_cold")["off_target"]
    assert "no_application" not in desk.results(negative="yes")["off_target"]
    assert "off_target" not in desk.results(talked="nobody")
    assert desk.refused("off_target", reason="age", talked="nobody") == "result"
    assert desk.refused("off_target", reason="no_application", negative="yes") == "reason"

    assert desk.asked(**{"result": "off_target", "reason-off_target": "absence"}) == {"absent_days"}
    assert desk.refused("off_target", reason="absence", absent_days="29") == "absent_days"
    assert desk.refused("off_target", reason="applied", applied_on="2026-11-23") == "applied_on"
    assert (
        desk.saves("off_target", reason="applied", applied_on="2026-11-22").result_fields["applied_on"] == "2026-11-22"
    )
    assert desk.saves("off_target", reason="absence", absent_days="30").result_fields["dialer"] == "over"
    desk.elena.source = ""
    desk.elena.save()
    assert "no_application" not in desk.results(negative="")["off_target"]


@pytest.mark.feature("F08.18")
@pytest.mark.feature("F08.19")
@pytest.mark.feature("F08.20")
def test_who_thinks_it_over_is_asked_again_in_two_weeks(desk):
    form = desk.form(result="thinking", product_kind="credit")
    assert form.callback["callback_date"] == "2026-12-07"
    product = next(field for field in form.fields if field["name"] == "product")
    assert not product["required"]
    assert "cash_loan" in {code for code, _name, _is_chosen in product["choices"]}
    at = "2026-12-07T11:00:00+03:00"
    assert desk.missing("thinking", callback_at=at) == {"product_kind"}
    saved = desk.saves("thinking", callback_at=at, product_kind="credit", product="cash_loan")
    assert (saved.result_fields["product"], saved.result_fields["dialer"]) == ("cash_loan", "over")


@pytest.mark.feature("F08.21")
@pytest.mark.feature("X.19")
@pytest.mark.feature("X.06")
def test_a_refusal_counts_after_two_objections_and_a_stop_at_once(desk, client):
    client.force_login(desk.user)
    typed = {"result": "refused", "reason-refused": "price", "objections": "1", "comment": "", "finish": ""}
    answer = client.post(reverse("desk:finish", args=[desk.contact.pk]), typed)
    assert answer.status_code == 422
    assert "Work through at least two objections" in answer.content.decode()
    assert desk.missing("refused") == {"reason", "objections"}
    assert desk.refused("refused", reason="price", objections="1") == "objections"
    assert desk.saves("refused", reason="price", objections="2").result.code == "refused"
    assert "objections" not in desk.asked(**{"result": "do_not_disturb", "reason-do_not_disturb": "refuses"})
    assert desk.saves("do_not_disturb", reason="refuses").result.code == "do_not_disturb"


@pytest.mark.feature("F08.22", partly="free times of the office (appointments)")
@pytest.mark.feature("F08.23", partly="free times of the office (appointments)")
@pytest.mark.feature("F08.24", partly="free times of the office (appointments)")
@pytest.mark.feature("F10.09")
def test_who_agrees_has_a_meeting_in_an_office(desk, finish, client):
    first = desk.form(result="agreed")
    assert list(first.waits_for) == ["office", "offered product"]
    page = client.get(reverse("desk:result_form", args=[desk.contact.pk]), {"result": "agreed"}).content.decode()
    assert 'id="wrapup-office"' in page
    assert "disabled" in page
    assert desk.missing("agreed") == {"visit_at", "region", "settlement", "office", "offers"}
    ready = desk.form(result="agreed", **OFFICE, **VISIT, offers="cash_loan")
    assert not ready.waits_for
    assert "A meeting is planned for 26.11.2026 12:30" in " ".join(ready.follows)

    wrong = finish("agreed", 422, **OFFICE | {"office": "spb_ladoga"}, **VISIT, offers="cash_loan")
    assert wrong.result is None
    saved = finish("agreed", **OFFICE, **VISIT, offers="cash_loan", campaign="loans_cold")
    assert saved.result_fields["dialer"] == "meeting"
    assert saved.dimensions["campaign"] == "loans_cold"
    assert saved.offers.get().answer == Offer.Answer.AGREED
    meeting = Task.objects.get(interaction=saved)
    assert (meeting.kind, meeting.due_at) == (Kind.MEETING, datetime(2026, 11, 26, 9, 30, tzinfo=UTC))
    told = client.get(reverse("interactions:contact", args=[saved.pk])).content.decode()
    assert "Head office" in told
    assert "meeting agreed" in told


@pytest.mark.feature("F08.26")
@pytest.mark.feature("F08.27")
@pytest.mark.feature("F08.28")
@pytest.mark.feature("F08.29")
@pytest.mark.feature("F08.30")
@pytest.mark.feature("X.02")
def test_do_not_disturb_has_seven_reasons_and_some_close_the_way(desk, finish):
    by_third = desk.results(talked="third", negative="yes")["do_not_disturb"]
    by_client = desk.results()["do_not_disturb"]
    assert by_third == {"third", "deceased", "wrong_number", "no_application"}
    assert by_client == {"refuses"}
    desk.joins("msb")
    assert "no_business" in desk.results()["do_not_disturb"]
    desk.joins("control")
    assert "negative_info" in desk.results()["do_not_disturb"]

    finish("do_not_disturb", **{"reason-do_not_disturb": "wrong_number"}, talked="third")
    number = ContactBan.objects.get()
    assert (number.customer, number.address) == (None, "79161234567")
    desk.calls()
    for number, kind in enumerate(Kind, 1):
        Task.objects.create(
            id=uuid7(NOW), number=number, project=desk.project, title=kind, kind=kind, customer=desk.elena,
            created_at=NOW,
        )  # fmt: skip
    dead = finish("do_not_disturb", **{"reason-do_not_disturb": "deceased"}, talked="third")
    assert dead.customer.status == Status.FORMER
    assert (
        ContactBan.objects.get(customer=desk.elena).reason == f"Do not disturb: Customer died (contact {dead.number})"
    )
    assert [task.kind for task in Task.objects.filter(state="new")] == [Kind.TODO]


@pytest.mark.feature("F08.31")
@pytest.mark.feature("X.18")
def test_a_consultation_suggests_itself_after_a_sale_and_is_no_lock(desk):
    def prompted() -> bool:
        rows = [row for group in desk.form().groups for row in group["results"]]
        return next(row["prompted"] for row in rows if row["id"] == "consultation")

    assert not prompted()
    sale = desk.contact
    Interaction.objects.filter(pk=sale.pk).update(
        result=Result.objects.get(project=desk.project, code="agreed"), began_at=NOW - timedelta(days=13)
    )
    desk.calls()
    assert prompted()
    Interaction.objects.filter(pk=sale.pk).update(began_at=NOW - timedelta(days=14))
    assert not prompted()
    assert desk.saves("consultation").result.code == "consultation"


@pytest.mark.feature("F08.33")
@pytest.mark.feature("F08.34")
@pytest.mark.feature("F08.35")
@pytest.mark.feature("F08.36")
@pytest.mark.feature("F08.37", partly="what a dialer does with them (dialer)")
@pytest.mark.feature("X.16")
@pytest.mark.feature("X.17")
def test_the_card_is_delivered_by_whoever_has_an_office_in_town(desk, finish):
    assert "halva" not in desk.results()
    offers(desk, "halva")
    assert desk.results(**{"result": "halva", **PLACE})["halva"] == {"mpp", "pickup"}
    far = {"region": "moscow", "settlement": "zelenograd"}
    assert desk.results(**{"result": "halva", **far})["halva"] == {"fk", "pickup"}
    at = "2026-11-26T12:30:00+03:00"
    assert desk.missing("halva", reason="pickup", visit_at=at, **PLACE) == {"office"}
    assert desk.missing("halva", reason="fk", **far) == {"visit_at", "place", "address"}
    assert desk.missing("halva", reason="mpp", visit_at=at, **PLACE) == {"address"}
    assert (
        desk.saves("halva", reason="mpp", visit_at=at, address="Lesnaya 5", **PLACE).result_fields["dialer"]
        == "delivery"
    )
    assert (
        desk.saves("halva", reason="fk", visit_at=at, place="cafe", address="Lesnaya 5", **far).result_fields["dialer"]
        == "meeting"
    )
    assert desk.saves("halva", reason="pickup", visit_at=at, **OFFICE).result_fields["dialer"] == "meeting"


@pytest.mark.feature("F08.43")
def test_a_campaign_has_results_of_its_own(desk):
    Result.objects.create(
        project=desk.project, code="survey_done", name={"en": "Survey done"}, needs_topic=False,
        rules={"when": ["and", ["campaign", "any", "halva"]]},
    )  # fmt: skip
    assert "survey_done" not in desk.results(campaign="loans_cold")
    assert "survey_done" in desk.results(campaign="halva")
    assert desk.saves("survey_done", campaign="halva").dimensions == {"campaign": "halva"}


@pytest.mark.feature("F30.09", partly="the buttons of scenarios (scripting)")
def test_what_follows_is_said_under_the_button(desk):
    assert desk.form(**{"result": "do_not_disturb", "reason-do_not_disturb": "refuses"}).follows[0] == (
        "The customer goes into the do-not-contact register"
    )


def test_rubbish_is_missing_and_not_kept(desk):
    rubbish = {
        "visit_at": "tomorrow",
        "office": "nowhere",
        "region": "\x00",
        "settlement": "x" * 5000,
        "offers": "none",
    }
    assert desk.missing("agreed", **rubbish) >= {"visit_at", "office", "region", "settlement"}
    assert desk.missing("nothing of the kind") == {"result"}
    past = desk.missing("changed_date", visit_at="2026-11-20T12:00:00+03:00", **OFFICE)
    assert past == {"visit_at"}
    assert not any("planned" in line for line in desk.form(result="call_back", callback_date="rubbish").follows)


def test_the_form_opens_with_the_result_that_a_scenario_has_set_and_asks_for_its_fields(desk, client, draw):
    gives = {"result": "refused:price"}
    talk = {"set": node("action", way("on", "end"), does="interactions.result", gives=gives), "end": node("end")}
    scenario = draw(document=drawn(talk, "set"))
    begin_run(scenario_id=scenario.pk, interaction_id=desk.contact.pk, by=desk.actor, now=NOW)
    client.force_login(desk.user)

    page = client.get(reverse("desk:write_up", args=[desk.contact.pk])).content.decode()

    ticked = re.findall(r'<input[^>]*value="(\w+)"[^>]*\schecked', page)
    assert {"refused", "price"} <= set(ticked)
    assert 'name="objections"' in page
