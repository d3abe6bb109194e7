"""A case from its registration to its end."""

from __future__ import annotations

from datetime import timedelta

import pytest

from perezvon.foundation.messages.models import Message
from perezvon.foundation.people.models import Team, User
from perezvon.kernel.errors import NotAllowed
from perezvon.modules.cases import services
from perezvon.modules.cases.models import Act, Approval, Case, CaseFollower, CaseKind, CaseMacro, Stage
from perezvon.modules.cases.selectors import get_case, linked_to, search_cases
from perezvon.modules.cases.tests.conftest import NOW, Register, person, step_id, talk
from perezvon.modules.interactions.services import ask
from perezvon.modules.tasks.services import hand_over_all

pytestmark = pytest.mark.django_db


def moved(case: Case, to: str, by, **more) -> Case:
    return services.move_case(case_id=case.pk, step_id=step_id(case, to), by=by, now=NOW, **more)


class TestRegistering:
    @pytest.mark.feature("F09.12")
    def test_gives_it_a_number_a_day_and_a_name(self, register: Register, elena):
        case = register("complaint", subject="Admission   to hospital", text="He fell ill", priority="4")

        assert case.title == f"Ж-{case.number:05} (16.11.26) «Admission to hospital»"
        assert (case.state.code, case.stage, case.priority, case.customer) == ("new", Stage.OPEN, 4, elena)
        assert case.points.all()[0].text == "Check it against the papers"
        assert [entry.act for entry in case.entries.all()] == [Act.REGISTERED]

    @pytest.mark.feature("X.21")
    def test_of_some_kinds_waits_for_identification(self, register: Register, kinds, loans, olga, elena):
        talked = talk(loans, olga, elena)

        with pytest.raises(services.NotIdentifiedYet):
            register("claim")
        assert register("complaint").kind == kinds["complaint"]

        ask(interaction_id=talked.pk, customer_id=elena.pk, answers={"address": "yes"}, by=olga, now=NOW)
        assert register("claim").kind == kinds["claim"]

    def test_says_everything_that_is_wrong_at_once(self, register: Register):
        with pytest.raises(services.FieldsWrong) as refused:
            register(subject=" ", priority="9", promised="31.02.2026", product="999")

        assert set(refused.value.facts["problems"]) == {"subject", "priority", "promised", "product"}
        assert not Case.objects.exists()


class TestChanging:
    def test_tells_who_changed_what_meanwhile(self, register: Register, olga, ivan):
        case = register()
        services.edit_case(case_id=case.pk, version=case.version, typed={"subject": "Theirs"}, by=ivan, now=NOW)

        with pytest.raises(services.CaseOutdated) as refused:
            services.edit_case(case_id=case.pk, version=case.version, typed={"subject": "Mine"}, by=olga, now=NOW)

        assert refused.value.facts["differences"] == {"subject": ("Theirs", "Mine")}
        services.edit_case(case_id=case.pk, version=case.version, typed={"subject": "Theirs"}, by=olga, now=NOW)

    def test_lets_a_case_be_taken_but_not_taken_away(self, register: Register, olga, ivan, viktor):
        case = register()
        services.take_case(case_id=case.pk, by=ivan, now=NOW)

        with pytest.raises(NotAllowed):
            services.take_case(case_id=case.pk, by=olga, now=NOW)
        assert services.take_case(case_id=case.pk, by=viktor, now=NOW).person_id == viktor.id

    @pytest.mark.feature("F09.06")
    def test_gives_it_to_whoever_works_on_cases_of_the_project(self, register: Register, olga, ivan, viktor, cards):
        case, stranger = register(), person("petr", cards)

        services.assign_case(case_id=case.pk, person_id=ivan.id, team_id=None, why="knows it", by=viktor, now=NOW)
        with pytest.raises(services.NobodySuch):
            services.assign_case(case_id=case.pk, person_id=stranger.id, team_id=None, by=viktor, now=NOW)
        with pytest.raises(NotAllowed):
            services.assign_case(case_id=case.pk, person_id=olga.id, team_id=None, by=olga, now=NOW)

        assert get_case(case.pk, by=olga).person_id == ivan.id

    def test_takes_many_at_once_and_gives_back_the_same(self, register: Register, olga, ivan):
        cases = [register(), register(), register()]
        services.take_case(case_id=cases[0].pk, by=ivan, now=NOW)

        taken = services.take_cases(keys=[one.pk for one in cases], by=olga, now=NOW)
        assert set(taken) == {cases[1].pk, cases[2].pk}

        assert set(services.put_cases_back(keys=taken, by=olga, now=NOW)) == set(taken)
        assert Case.objects.filter(person=None).count() == 2

    def test_of_a_leaver_go_to_a_colleague_with_his_tasks(self, register: Register, olga, ivan, viktor, cards):
        cases, other = [register(), register()], register()
        Case.objects.update(person=olga.id)
        Case.objects.filter(pk=other.pk).update(project=cards)
        User.objects.get(pk=viktor.id).projects.add(cards)
        viktor = User.objects.get(pk=viktor.id).actor()
        over = register()
        Case.objects.filter(pk=over.pk).update(person=olga.id, stage=Stage.CLOSED)

        assert hand_over_all(from_id=olga.id, to_id=ivan.id, by=viktor, now=NOW) == 2
        with pytest.raises(NotAllowed):
            services.hand_over_cases_of(from_id=ivan.id, to_id=olga.id, by=olga, now=NOW)

        assert {get_case(case.pk, by=olga).person_id for case in cases} == {ivan.id}
        assert set(Case.objects.filter(person=olga.id)) == {other, over}  # he serves no cards; what is over stays

    def test_of_the_blocked_wait_in_his_team(self, register: Register, olga, loans):
        team = Team.objects.create(code="line1", name={"en": "First line"})
        User.objects.filter(pk=olga.id).update(team=team, is_active=False)
        case = register()
        Case.objects.filter(pk=case.pk).update(person=olga.id)

        released = [services.release_cases(olga.id, NOW) for _twice in range(2)]

        case.refresh_from_db()
        assert released == [1, 0]
        assert (case.person_id, case.team_id) == (None, team.pk)
        assert case.entries.latest("at", "id").act == Act.HANDED

    def test_what_the_blocked_were_asked_has_to_be_asked_of_another(self, register: Register, browse, olga, viktor):
        case = register("complaint")
        asked = services.ask_approval(case_id=case.pk, question="490 back?", asked_id=viktor.id, by=olga, now=NOW)
        assert services.release_approvals(viktor.id, NOW) == 0
        User.objects.filter(pk=viktor.id).update(is_active=False)

        released = [services.release_approvals(viktor.id, NOW) for _twice in range(2)]

        asked.refresh_from_db()
        assert (released, asked.answer) == ([1, 0], Approval.Answer.GONE)
        page = browse(olga).get(f"/cases/{case.pk}/").content.decode()
        assert "can answer no more: ask another for approval" in page
        assert "Nobody left to answer" in page
        assert not services.standing_of(Case.objects.get(pk=case.pk)).approved


class TestSteps:
    @pytest.mark.feature("F09.11")
    def test_lead_from_registration_to_the_end_and_back(self, register: Register, olga, viktor):
        case = register()
        with pytest.raises(services.StepNeeds) as refused:
            moved(case, "work", olga)
        assert refused.value.facts["missing"] == ("person",)

        services.take_case(case_id=case.pk, by=olga, now=NOW)
        case = moved(case, "work", olga)
        with pytest.raises(services.StepNeeds) as refused:
            moved(case, "solved", olga)
        assert refused.value.facts["missing"] == ("category", "answer", "checklist")

        category = case.kind.categories.get(code="fee")
        services.edit_case(
            case_id=case.pk, version=Case.objects.get(pk=case.pk).version, typed={"category": str(category.pk)},
            by=olga, now=NOW,
        )  # fmt: skip
        services.comment_case(case_id=case.pk, text="We pay it back", is_public=True, by=olga, now=NOW)
        for point in case.points.all():
            services.tick_point(case_id=case.pk, point_id=point.pk, done=True, by=olga, now=NOW)
        case = moved(case, "solved", olga)
        assert (case.stage, case.over_at) == (Stage.SOLVED, NOW)

        case = moved(case, "closed", olga)
        with pytest.raises(services.StepClosed):
            moved(case, "work", olga, comment="He called again")
        case = moved(case, "work", viktor, comment="He called again")
        assert (case.stage, case.over_at, case.reopened) == (Stage.OPEN, None, 1)

    def test_wait_for_the_parts_of_a_case(self, register: Register, olga):
        whole, part = register("order"), register("order")
        services.set_parent(case_id=part.pk, parent_id=whole.pk, by=olga, now=NOW)
        with pytest.raises(services.CannotLink):
            services.set_parent(case_id=whole.pk, parent_id=part.pk, by=olga, now=NOW)
        standing = services.standing_of(Case.objects.get(pk=whole.pk))

        assert standing.open_children == 1

    def test_wait_for_an_approval_that_was_asked_for(self, register: Register, olga, ivan, viktor):
        case = register()
        asked = services.ask_approval(case_id=case.pk, question="490 back?", asked_id=viktor.id, by=olga, now=NOW)

        with pytest.raises(NotAllowed):
            services.answer_approval(approval_id=asked.pk, given=True, by=ivan, now=NOW)
        with pytest.raises(services.FieldsWrong):
            services.answer_approval(approval_id=asked.pk, given=False, by=viktor, now=NOW)
        services.answer_approval(approval_id=asked.pk, given=True, by=viktor, now=NOW)
        services.answer_approval(approval_id=asked.pk, given=False, reason="late", by=viktor, now=NOW)

        assert Approval.objects.get().answer == Approval.Answer.GIVEN
        assert services.standing_of(Case.objects.get(pk=case.pk)).approved


class TestTalking:
    def test_calls_colleagues_by_their_login_if_they_may_see_it(self, register: Register, olga, ivan, cards):
        case, stranger = register(), person("petr", cards)

        services.comment_case(case_id=case.pk, text="@ivan, look; @petr too. a@olga.ru", by=olga, now=NOW)

        assert set(CaseFollower.objects.values_list("user", flat=True)) == {olga.id, ivan.id}
        assert stranger.id not in set(CaseFollower.objects.values_list("user", flat=True))

    @pytest.mark.feature("F09.07")
    def test_writes_to_the_customer_and_keeps_what_was_written(self, register: Register, olga):
        case = register()

        services.say(case_id=case.pk, how="email", text="We pay it back.", by=olga, now=NOW)

        letter = Message.objects.get()
        assert (letter.to, letter.subject) == ("elena@example.com", case.title)
        entry = case.entries.get(act=Act.LETTER)
        assert (entry.message, entry.is_public) == (letter.pk, True)
        assert Case.objects.get(pk=case.pk).answered_at == NOW

    def test_says_nothing_when_the_step_with_it_is_refused(self, register: Register, olga):
        case = register()

        with pytest.raises(services.StepNeeds):
            services.say(case_id=case.pk, how="note", text="Go", step_id=step_id(case, "work"), by=olga, now=NOW)

        assert not case.entries.filter(act=Act.COMMENT).exists()

    def test_does_all_that_a_macro_says(self, register: Register, kinds, olga):
        case = register()
        macro = CaseMacro.objects.create(code="take", name={"en": "Take"}, step_to="work", takes=True)

        case = services.use_macro(case_id=case.pk, macro_id=macro.pk, by=olga, now=NOW)

        assert (case.person_id, case.state.code) == (olga.id, "work")

    def test_asks_the_customer_how_content_he_is_at_the_end(self, register: Register, olga):
        case = register()
        with pytest.raises(services.CaseIsOver):
            services.mark_case(case_id=case.pk, mark=5, by=olga, now=NOW)
        Case.objects.filter(pk=case.pk).update(stage=Stage.SOLVED, over_at=NOW)

        services.mark_case(case_id=case.pk, mark=4, words="quick", by=olga, now=NOW)
        with pytest.raises(services.FieldsWrong):
            services.mark_case(case_id=case.pk, mark=6, by=olga, now=NOW)

        assert Case.objects.get().mark == 4


class TestLinking:
    @pytest.mark.feature("F09.22", partly="work orders (service)")
    def test_makes_one_case_of_two(self, register: Register, olga, elena):
        kept, gone = register(), register(subject="The same again", text="Once more")

        services.merge_cases(kept_id=kept.pk, gone_id=gone.pk, by=olga, now=NOW)

        gone.refresh_from_db()
        assert (gone.merged_into, gone.stage) == (kept, Stage.CLOSED)
        assert kept.entries.filter(text="Once more").exists()
        with pytest.raises(services.CannotLink):
            services.link_cases(case_id=kept.pk, other_id=gone.pk, by=olga, now=NOW)

    def test_makes_a_case_of_one_entry_and_keeps_them_together(self, register: Register, olga):
        case = register(text="The card, and the deposit too")

        made = services.split_case(case_id=case.pk, entry_id=case.entries.get().pk, subject="Deposit", by=olga, now=NOW)

        assert made.text == "The card, and the deposit too"
        assert linked_to(case, by=olga) == [made]

    def test_groups_contacts_once_each(self, register: Register, loans, olga, ivan, elena):
        case = register()
        talked = talk(loans, ivan, None, NOW + timedelta(hours=1))

        for _turn in range(2):
            services.add_contact(case_id=case.pk, contact_id=talked.pk, by=olga, now=NOW)

        assert case.entries.filter(contact=talked).count() == 1


@pytest.mark.feature("F09.03")
def test_is_found_by_number_subject_and_customer(register: Register, olga, cards):
    case = register(subject="Statement for the embassy")

    for typed in (f"{case.number}", case.code, "embassy", "Smirnova"):
        assert search_cases(typed, by=olga, limit=5).keys == (case.pk,), typed
    assert search_cases("embassy", by=person("petr", cards), limit=5).keys == ()


def test_kinds_of_the_bank_are_four(kinds: dict[str, CaseKind]):
    assert set(kinds) == {"order", "defect", "claim", "complaint"}
