"""People, roles, teams, groups and projects, as their administrator changes them."""

from __future__ import annotations

import json
import re
from html import unescape

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from perezvon.foundation import clock
from perezvon.foundation.access import System
from perezvon.foundation.commands.models import CommandRecord
from perezvon.foundation.history.models import Change
from perezvon.foundation.people import services
from perezvon.foundation.people.models import Group, Project, Role, Team, User
from perezvon.foundation.people.selectors import rights_by_module
from perezvon.foundation.people.services import LastAdministrator, NotYoursToGive, RoleDetails, UserDetails
from perezvon.modules.accounts.models import SignedIn
from perezvon.modules.accounts.web.words import module_name

pytestmark = pytest.mark.django_db


@pytest.fixture
def loans():
    return Project.objects.create(code="loans", number=1, name={"ru": "Loans", "en": "Loans"})


@pytest.fixture
def vkc():
    return Group.objects.create(code="vkc", name={"en": "Virtual centre"})


def form_of(user: User, **changed):
    return {
        "version": user.version,
        "login": user.login,
        "last_name": user.last_name,
        "first_name": user.first_name,
        "role": user.role.code,
        "language": user.language,
        "keeper": user.keeper,
        "team": user.team.code if user.team else "",
        "projects": [one.code for one in user.projects.all()],
        "groups": [one.code for one in user.groups.all()],
    } | changed


class TestSomebodyNew:
    def test_gets_a_password_that_is_shown_once_and_has_to_be_changed(self, browse, anna, loans, vkc):
        answer = browse(anna).post(
            "/admin/people/new/",
            {
                "login": "olga",
                "last_name": "Orlova",
                "role": "operator",
                "language": "en",
                "keeper": "perezvon",
                "extension": "2119",
                "projects": ["loans"],
                "groups": ["vkc"],
            },
        )

        user = User.objects.get(login="olga")
        given = answer.context["given"]
        assert re.fullmatch(r"(\w{4}-){2}\w{4}", given)
        assert user.check_password(given)
        assert user.password_is_given
        assert (list(user.projects.all()), list(user.groups.all()), user.extension) == ([loans], [vkc], "2119")
        assert given not in browse(anna).get(f"/admin/people/{user.pk}/").content.decode()

    @pytest.mark.feature("F28.06")
    def test_may_have_a_domain_before_his_login(self, browse, anna):
        browse(anna).post(
            "/admin/people/new/",
            {"login": "C3\\eugene", "last_name": "E", "role": "operator", "language": "en", "keeper": "perezvon"},
        )

        user = User.objects.get(login="C3:eugene")
        user.set_password("spring of 2026")
        user.save()
        for typed in ("C3:eugene", "c3\\Eugene"):
            answer = Client().post("/sign-in/", {"login": typed, "password": "spring of 2026"})
            assert answer.status_code == 302, typed

    @pytest.mark.parametrize(
        ("wrong", "words"),
        [
            ({"login": "no spaces"}, "Letters, digits and"),
            ({"login": "ANNA"}, "There is a user ANNA already"),
            ({"role": ""}, "Choose a role"),
            ({"email": "nobody"}, "not an e-mail"),
            ({"extension": "21-19"}, "Digits only"),
            ({"mobile": "12"}, "not a telephone number"),
            ({"mobile": "+7 916 000-21-15 ext. 1234"}, "longer than can be kept"),
            ({"home_phone": "+7 495 000-21-15 ext. 1234"}, "longer than can be kept"),
            ({"login": "o" * 65}, "longer than can be kept"),
        ],
    )
    def test_is_refused_with_words_at_the_field(self, browse, anna, wrong, words):
        typed = {
            "login": "olga",
            "last_name": "Orlova",
            "role": "operator",
            "language": "en",
            "keeper": "perezvon",
        } | wrong
        answer = browse(anna).post("/admin/people/new/", typed)

        assert answer.status_code == 422
        assert words in answer.content.decode()
        assert "Orlova" in answer.content.decode(), "what was typed stays"
        assert not User.objects.filter(last_name="Orlova").exists()


class TestList:
    @pytest.fixture
    def client(self, browse, anna):
        return browse(anna)

    @staticmethod
    def logins(answer) -> list[str]:
        column = [head["code"] for head in answer.context["heads"]].index("login")
        return [row["cells"][column][0] for row in answer.context["rows"]]

    @pytest.mark.feature("F30.04")
    def test_is_narrowed_by_words_and_by_what_people_have(self, client, make, vkc, loans):
        team = Team.objects.create(code="line1", name={"en": "First line"})
        olga, ivan = make("olga", team=team, extension="2119"), make("ivan", is_active=False)
        olga.groups.add(vkc)
        olga.projects.add(loans)

        def found(*where, **asked):
            more = {"where": json.dumps(["and", *where])} if where else {}
            return self.logins(client.get("/admin/people/", asked | more))

        assert found() == ["anna", "olga", "ivan"], "who is blocked comes last"
        assert found(q="olg tes") == found(q="2119") == ["olga"]
        assert found(["groups", "any", str(vkc.pk)]) == found(["projects", "filled"]) == ["olga"]
        assert found(["groups", "none", str(vkc.pk)]) == found(["groups", "empty"]) == ["anna", "ivan"]
        assert found(["team", "any", str(team.pk)], ["projects", "any", str(loans.pk)]) == ["olga"]
        assert found(["state", "any", "blocked"]) == [ivan.login]
        assert found(["role", "any", str(Role.objects.get(code="system_administrator").pk)]) == ["anna"]
        SignedIn.objects.create(user=olga, session="1", began_at=clock.now(), seen_at=clock.now(), address="")
        assert found(["seen", "last", "1"]) == ["anna", "olga"]
        assert found(["seen", "empty"]) == ["ivan"]
        by_team = re.search(r'href="(/admin/people/[^"]*team[^"]*)"', client.get("/admin/groups/").content.decode())
        assert self.logins(client.get(unescape(by_team[1]))) == ["olga"]

    def test_costs_the_same_for_three_and_for_thirty(self, client, make, vkc, loans, django_assert_num_queries):
        def put(names):
            for name in names:
                one = make(name)
                one.groups.add(vkc)
                one.projects.add(loans)

        put(["olga", "lena"])
        client.get("/admin/people/")
        with CaptureQueriesContext(connection) as few:
            client.get("/admin/people/")
        put([f"n{number}" for number in range(27)])
        with django_assert_num_queries(len(few)):
            assert len(self.logins(client.get("/admin/people/"))) == 30

    def test_leaves_as_a_file_by_who_may_and_is_written_down(self, client, anna, make, vkc):
        make("olga").groups.add(vkc)
        asked = {"format": "csv", "state": ""}

        answer = client.post("/admin/people/export/", asked)

        lines = answer.content.decode("utf-8-sig").splitlines()
        assert lines[0].startswith("Full name,Login,State,Role")
        assert any(line.startswith("Olga") and "Virtual centre" in line for line in lines), lines
        assert CommandRecord.objects.get(name="lists.note_export").actor == f"user:{anna.pk}"
        anna.role.rights.remove("lists.export")
        anna.role.save()
        assert client.post("/admin/people/export/", asked).status_code == 403

    def test_many_are_blocked_at_once_but_not_oneself_and_let_in_again(self, client, anna, make):
        olga, lena, ivan = make("olga"), make("lena"), make("ivan", is_active=False)
        keys = {"key": [anna.pk, olga.pk, lena.pk, ivan.pk]}

        done = client.post("/admin/people/bulk/block/", keys, HTTP_HX_REQUEST="true")

        told = json.loads(done["HX-Trigger"])["toast"]
        assert told["text"] == "2 people blocked"
        assert set(User.objects.filter(is_active=True)) == {anna}
        client.post(told["act"]["url"], HTTP_HX_REQUEST="true")
        assert set(User.objects.filter(is_active=False)) == {ivan}, "he was blocked before"

    def test_of_many_whom_one_may_not_block_nobody_is(self, client, anna, make):
        anna.role.rights.remove("people.grant_any")
        anna.role.save()
        olga, viktor = make("olga", role="operator"), make("viktor", role="supervisor")

        done = client.post("/admin/people/bulk/block/", {"key": [olga.pk, viktor.pk]}, HTTP_HX_REQUEST="true")

        assert json.loads(done["HX-Trigger"])["toast"]["tone"] == "bad"
        assert not User.objects.filter(is_active=False).exists()

    def test_is_closed_to_others(self, browse, make):
        assert browse(make("lena", "supervisor")).get("/admin/people/").status_code == 403


class TestSaving:
    @pytest.mark.feature("F28.05", partly="results and functions that ask for the group: campaigns")
    def test_keeps_who_why_before_and_after(self, browse, anna, make, loans, vkc):
        olga = make("olga")
        answer = browse(anna).post(
            f"/admin/people/{olga.pk}/",
            form_of(olga, position="Expert", groups=["vkc"], projects=["loans"], why="moved to us"),
        )

        assert answer.status_code == 302
        olga = User.objects.get(pk=olga.pk)
        assert olga.position == "Expert"
        assert olga.actor().in_group("vkc")
        record = CommandRecord.objects.get(name="people.update_user")
        assert (record.actor, record.why) == (f"user:{anna.pk}", "moved to us")
        changes = {change.table: change for change in Change.objects.filter(command=record.pk)}
        assert changes["people_user"].before["position"] == ""
        assert changes["people_user"].after["position"] == "Expert"
        assert changes["people_user_groups"].after["group_id"] == vkc.pk
        assert changes["people_user_projects"].after["project_id"] == loans.pk

    def test_passwords_are_in_no_history(self, anna, make):
        olga = make("olga")
        services.give_password(user_id=olga.pk, password="a password given", by=anna.actor(), now=clock.now())

        assert not any("password" in (change.after or {}) for change in Change.objects.all())

    def test_two_at_once_lose_nothing(self, browse, anna, make, loans, vkc):
        """Both read version 1; the second is asked field by field, tick by tick."""
        olga = make("olga")
        read_by_both = form_of(olga)
        first, second = browse(anna), browse(make("boris", "system_administrator"))
        first.post(f"/admin/people/{olga.pk}/", read_by_both | {"position": "Expert", "projects": ["loans"]})

        answer = second.post(f"/admin/people/{olga.pk}/", read_by_both | {"position": "Chief", "groups": ["vkc"]})

        assert answer.status_code == 409
        choices = {one.name: (one.theirs, one.mine) for one in answer.context["choices"]}
        assert choices == {
            "position": ("Expert", "Chief"),
            "projects.loans": ("yes", "no"),
            "groups.vkc": ("no", "yes"),
        }
        chosen = dict(answer.context["kept"])
        chosen |= {"position": "Chief", "projects.loans": "1", "groups.vkc": "1"}
        assert second.post(f"/admin/people/{olga.pk}/", chosen).status_code == 302
        olga = User.objects.get(pk=olga.pk)
        assert (olga.position, list(olga.projects.all()), list(olga.groups.all())) == ("Chief", [loans], [vkc])
        assert olga.login == "olga"


class TestActs:
    def test_blocking_ends_the_sessions_at_once(self, browse, anna, make):
        olga = make("olga")
        hers = browse(olga)
        assert hers.get("/me/").status_code == 200

        browse(anna).post(f"/admin/people/{olga.pk}/block/")

        assert hers.get("/me/").status_code == 302
        browse(anna).post(f"/admin/people/{olga.pk}/unblock/")
        assert hers.get("/me/").status_code == 302, "the old session stays ended"

    def test_signing_out_everywhere_leaves_the_account(self, browse, anna, make):
        olga = make("olga")
        hers = browse(olga)
        browse(anna).post(f"/admin/people/{olga.pk}/sign-out/")

        assert hers.get("/me/").status_code == 302
        assert User.objects.get(pk=olga.pk).is_active


class TestGiving:
    @pytest.fixture
    def chief(self, make):
        """May add people, and has the rights of a supervisor besides, but not the right to give any."""
        role = Role.objects.create(
            code="chief", rights=[*Role.objects.get(code="supervisor").rights, "people.manage"], all_projects=True
        )
        return make("chief", "chief"), role

    def test_nobody_gives_what_he_has_not(self, chief, make):
        by, now = chief[0].actor(), clock.now()
        supervisor, system = (Role.objects.get(code=f"{code}") for code in ("supervisor", "system_administrator"))
        services.add_user(who=UserDetails("lena", supervisor), password="spring of 2026", by=by, now=now)

        with pytest.raises(NotYoursToGive) as refused:
            services.add_user(who=UserDetails("boss", system), password="spring of 2026", by=by, now=now)

        assert "people.roles" in refused.value.facts["rights"]
        assert not User.objects.filter(login="boss").exists()

    def test_nobody_changes_or_takes_over_somebody_who_may_more(self, chief, anna):
        by, now = chief[0].actor(), clock.now()
        for act in (
            lambda: services.give_password(user_id=anna.pk, password="spring of 2026", by=by, now=now),
            lambda: services.block_user(user_id=anna.pk, by=by, now=now),
            lambda: services.set_password(login="anna", password="spring of 2026", by=by, now=now),
        ):
            with pytest.raises(NotYoursToGive):
                act()

    def test_a_role_changes_only_by_rights_one_has(self, chief, make):
        user, role = chief
        role.rights = [*role.rights, "people.roles"]
        role.save()
        by = User.objects.get(pk=user.pk).actor()
        supervisor = Role.objects.get(code="supervisor")
        wider = RoleDetails({"en": "S"}, sorted([*supervisor.rights, "people.impersonate"]), all_projects=True)

        with pytest.raises(NotYoursToGive):
            services.update_role(role_id=supervisor.pk, version=1, details=wider, by=by, now=clock.now())

    def test_the_last_administrator_stays(self, anna):
        now = clock.now()
        by = anna.actor()
        role = anna.role
        details = RoleDetails(role.name or {"en": "A"}, sorted(set(role.rights) - {"people.roles"}), all_projects=True)
        operator = Role.objects.get(code="operator")
        for act in (
            lambda: services.block_user(user_id=anna.pk, by=by, now=now),
            lambda: services.update_role(role_id=role.pk, version=role.version, details=details, by=by, now=now),
            lambda: services.update_user(
                user_id=anna.pk, version=1, who=UserDetails("anna", operator, last_name="Anna"), by=by, now=now
            ),
        ):
            with pytest.raises(LastAdministrator):
                act()
        assert User.objects.get(pk=anna.pk).is_active

    def test_with_two_one_may_go(self, anna, make):
        boris = make("boris", "system_administrator")
        services.block_user(user_id=anna.pk, by=boris.actor(), now=clock.now())

        assert not User.objects.get(pk=anna.pk).is_active


class TestAdministratorOfOneProject:
    """He does not see all projects, and cannot give himself any: neither by becoming somebody who sees more."""

    @pytest.fixture
    def chief(self, make, loans):
        rights = [*Role.objects.get(code="operator").rights, "people.manage", "people.roles", "people.impersonate"]
        Role.objects.create(code="chief", name={"en": "Chief"}, rights=rights)
        user = make("chief", "chief")
        user.projects.add(loans)
        return user

    @pytest.fixture
    def olga(self, make, loans):
        user = make("olga")
        user.projects.add(loans)
        return user

    @pytest.fixture
    def lena(self, make, loans):
        """She works in another project besides."""
        user = make("lena")
        user.projects.add(loans, Project.objects.create(code="cards", number=2, name={"en": "Cards"}))
        return user

    @pytest.mark.parametrize("act", ["password", "second-step", "act-as"])
    def test_becomes_nobody_who_sees_more(self, browse, chief, olga, lena, act):
        client = browse(chief)

        answer = client.post(f"/admin/people/{lena.pk}/{act}/")

        assert answer.status_code == 403
        assert "Cards" in answer.content.decode()
        assert User.objects.get(pk=lena.pk).password == lena.password
        assert client.get("/me/").context["user"] == chief
        assert client.post(f"/admin/people/{olga.pk}/{act}/").status_code in {200, 302}

    def test_acts_for_nobody_whom_he_may_not_know(self, browse, chief, make):
        assert browse(chief).post(f"/admin/people/{make('ivan').pk}/act-as/").status_code == 404

    @pytest.mark.parametrize("mine", [{"login": "mine"}, {"email": "me@bank.example"}, {"mobile": "+7 916 000-21-15"}])
    def test_leads_no_codes_of_theirs_to_himself(self, browse, chief, olga, lena, mine):
        client = browse(chief)
        assert client.post(f"/admin/people/{lena.pk}/", form_of(lena, **mine)).status_code == 403
        assert client.post(f"/admin/people/{lena.pk}/", form_of(lena, position="Expert")).status_code == 302
        assert client.post(f"/admin/people/{olga.pk}/", form_of(olga, **mine)).status_code == 302

    @pytest.mark.parametrize("easier", [{"sign_in": "digits"}, {"trusted_days": 365}])
    def test_makes_it_no_easier_to_come_in_as_somebody_who_may_more(self, chief, easier):
        def change(code: str) -> Role:
            role = Role.objects.get(code=code)
            details = RoleDetails(role.name, sorted(role.rights), role.all_projects, **easier)
            version, by, now = role.version, chief.actor(), clock.now()
            return services.update_role(role_id=role.pk, version=version, details=details, by=by, now=now)

        with pytest.raises(NotYoursToGive):
            change("system_administrator")
        assert change("operator").version == 2


class TestRoles:
    def test_the_matrix_marks_what_differs_from_a_new_installation(self, browse, anna):
        role = Role.objects.get(code="operator")
        role.rights = sorted({*role.rights, "reporting.view"} - {"customers.register"})
        role.save()

        cells = {
            right["code"]: dict(zip([one.code for one in answer.context["roles"]], right["cells"], strict=True))
            for answer in [browse(anna).get("/admin/roles/")]
            for module in answer.context["modules"]
            for right in module["rights"]
        }
        assert cells["reporting.view"]["operator"] == {"has": True, "differs": True}
        assert cells["customers.register"]["operator"] == {"has": False, "differs": True}
        assert cells["reporting.view"]["supervisor"] == {"has": True, "differs": False}
        differs = browse(anna).get(f"/admin/roles/{role.pk}/").context["differs"]
        assert differs == ["+ Read reports", "− Register new customers"]

    def test_a_copy_begins_with_the_rights_of_the_other(self, browse, anna):
        supervisor = Role.objects.get(code="supervisor")
        page = browse(anna).get("/admin/roles/new/", {"like": supervisor.pk})
        ticked = [right["code"] for module in page.context["modules"] for right in module["rights"] if right["has"]]
        assert ticked == sorted(supervisor.rights)

        answer = browse(anna).post(
            "/admin/roles/new/", {"code": "night", "name_en": "Night", "rights": ticked, "sign_in": "password"}
        )
        assert answer.status_code == 302
        assert Role.objects.get(code="night").rights == sorted(supervisor.rights)

    def test_two_at_once_are_asked_right_by_right(self, browse, anna, make):
        role = Role.objects.create(code="night", name={"en": "Night"}, rights=["telephony.use"])
        form = {"version": 1, "name_en": "Night", "rights": ["telephony.use"], "sign_in": "password"}
        browse(anna).post(f"/admin/roles/{role.pk}/", form | {"rights": ["telephony.use", "reporting.view"]})

        answer = browse(anna).post(f"/admin/roles/{role.pk}/", form | {"rights": ["telephony.use", "topics.edit"]})

        choices = {one.name: (one.theirs_typed, one.mine_typed) for one in answer.context["choices"]}
        assert choices == {"rights.reporting.view": ("1", ""), "rights.topics.edit": ("", "1")}
        kept = {"rights": "telephony.use", "name_en": "Night", "sign_in": "password", "version": 2}
        assert dict(answer.context["kept"]).items() <= kept.items()
        chosen = kept | {"rights.reporting.view": "1", "rights.topics.edit": "1"}
        assert browse(anna).post(f"/admin/roles/{role.pk}/", chosen).status_code == 302
        role.refresh_from_db()
        assert role.rights == ["reporting.view", "telephony.use", "topics.edit"]


class TestTeamsGroupsProjects:
    @pytest.mark.parametrize(("kind", "model"), [("teams", Team), ("groups", Group)])
    def test_are_added_and_renamed(self, browse, anna, kind, model):
        client = browse(anna)
        assert (
            client.post(f"/admin/{kind}/new/", {"code": "vkc", "name_ru": "V", "name_en": "Centre"}).status_code == 302
        )
        row = model.objects.get(code="vkc")
        assert client.post(f"/admin/{kind}/{row.pk}/", {"version": 1, "name_en": "Other"}).status_code == 302
        row.refresh_from_db()
        assert (row.name, row.version) == ({"en": "Other"}, 2)
        assert client.post(f"/admin/{kind}/{row.pk}/", {"version": 1, "name_en": "Third"}).status_code == 409
        assert client.post(f"/admin/{kind}/new/", {"code": "vkc", "name_en": "Again"}).status_code == 422

    def test_a_project_has_a_number_of_its_own_and_a_zone(self, browse, anna, loans):
        client = browse(anna)
        new = {"code": "cards", "name_en": "Cards", "number": "1", "zone": "Asia/Omsk"}
        assert client.post("/admin/projects/new/", new).status_code == 422
        assert client.post("/admin/projects/new/", new | {"number": "2"}).status_code == 302
        assert Project.objects.get(code="cards").zone == "Asia/Omsk"
        loans.settings = {"search": {"fields": ["phone"]}}
        loans.save()
        client.post(
            f"/admin/projects/{loans.pk}/", {"version": 1, "name_en": "Credits", "number": 1, "zone": "Asia/Omsk"}
        )
        loans.refresh_from_db()
        assert (str(loans.name["en"]), loans.settings) == ("Credits", {"search": {"fields": ["phone"]}})
        assert "phone" in client.get(f"/admin/projects/{loans.pk}/").content.decode()


def test_the_command_line_adds_the_first_one():
    user = services.add_user(
        who=UserDetails("first", Role.objects.get(code="system_administrator")),
        password="spring of 2026",
        by=System(name="test"),
        now=clock.now(),
    )
    assert user.check_password("spring of 2026")


def test_every_module_with_rights_has_a_name():
    assert [code for code in rights_by_module() if module_name(code) == code] == []
