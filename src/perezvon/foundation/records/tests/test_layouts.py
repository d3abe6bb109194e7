"""Cards as an administrator arranges them."""

from __future__ import annotations

import re
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from perezvon.foundation.access import System
from perezvon.foundation.history.models import Change
from perezvon.foundation.people.models import Project, Role, User
from perezvon.foundation.records import services
from perezvon.foundation.records.arrangement import arranged, place_of, tabs_of, usual
from perezvon.foundation.records.blueprint import export_layouts, load_layouts
from perezvon.foundation.records.models import CardLayout
from perezvon.foundation.records.registry import ZONES, Slot
from perezvon.foundation.records.selectors import find_layout
from perezvon.foundation.records.services import LayoutChanged, LayoutWrong, Wanted
from perezvon.modules.customers.models import CardType, Customer
from perezvon.modules.customers.services import register_potential
from perezvon.project import blueprint

NOW = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)
SYSTEM = System(name="test")
SLOTS = [Slot("personal", "Personal", "side", 10), Slot("history", "History", "main", 20), Slot("more", "More")]
TELECOM = ["Contact information", "Services and tariff", "More", "Documents", "Changes of status", "Change journal"]
SMIRNOVA = {"last_name": "Smirnova", "phone_mobile": "8 916 123-45-67"}
PETROV = {"last_name": "Petrov", "phone_mobile": "8 916 123-45-68"}
TABS = [
    {"code": "one", "label": {"en": "One"}, "side": ["personal"]},
    {"code": "two", "label": {"en": "Two"}, "main": ["history"]},
]


def person(login: str, role: str):
    user = User.objects.create_user(login, last_name=login.title(), role=Role.objects.get(code=role), language="en")
    user.projects.set(Project.objects.all())
    return user.actor()


@pytest.fixture
def anna(db):
    return person("anna", "information_administrator")


@pytest.fixture
def browse(client):
    def browse(actor):
        client.force_login(User.objects.get(pk=actor.id))
        return client

    return browse


def add(code: str, **wanted):
    wanted.setdefault("arrangement", {"tabs": TABS})
    return services.add_layout(kind="customer", code=code, wanted=Wanted({"en": code}, **wanted), by=SYSTEM, now=NOW)


def tabs_on(response) -> list[str]:
    nav = re.search(r'<nav class="card-tabs".*?</nav>', response.content.decode(), re.DOTALL)
    return re.findall(r">([^<>]+)</a>", nav.group()) if nav else []


class TestArrangement:
    def test_of_nobody_is_as_the_modules_place_it(self):
        (tab,) = tabs_of({}, SLOTS)

        assert tab.zones == {"top": [], "side": ["personal"], "main": ["history", "more"]}

    def test_shows_what_came_later_at_the_end_of_the_first_tab(self):
        one, two = tabs_of({"tabs": TABS, "hidden": []}, SLOTS)

        assert (one.zones["side"], one.zones["main"], two.zones["main"]) == (["personal"], ["more"], ["history"])

    def test_hides_what_is_hidden(self):
        tabs = tabs_of({"tabs": TABS, "hidden": ["more"]}, SLOTS)

        assert "more" not in {code for tab in tabs for zone in ZONES for code in tab.zones[zone]}

    @given(
        st.dictionaries(
            st.sampled_from([slot.code for slot in SLOTS]),
            st.tuples(st.sampled_from(["one", "two"]), st.sampled_from(ZONES), st.integers(1, 9))
            | st.tuples(st.just(""), st.just("hidden"), st.integers(1, 9)),
            min_size=len(SLOTS),
        )
    )
    def test_every_section_stands_where_it_was_put_and_once(self, places):
        kept = arranged([("one", {}), ("two", {})], places)
        again = place_of(kept, SLOTS)

        assert {code: where[:2] for code, where in again.items()} == {code: where[:2] for code, where in places.items()}
        assert arranged([("one", {}), ("two", {})], again) == kept

    def test_of_the_modules_has_hidden_sections(self):
        assert usual([Slot("x", "X", "hidden")])["hidden"] == ["x"]


class TestFindLayout:
    def test_the_one_that_says_most_is_taken(self, db):
        loans = Project.objects.create(code="loans", number=1)
        olga = person("olga", "operator")
        everybody = add("everybody")
        operators = add("operators", role="operator")
        clients = add("clients", variant="client")
        both = add("both", role="operator", project_id=loans.pk)
        add("supervisors", role="supervisor")

        assert find_layout("customer", by=olga) == operators
        assert find_layout("customer", by=olga, variant="client") == clients
        assert find_layout("customer", by=olga, project_id=loans.pk) == both
        services.switch_layout(layout_id=operators.pk, in_use=False, by=SYSTEM, now=NOW)
        assert find_layout("customer", by=olga) == everybody


class TestServices:
    @pytest.mark.parametrize(
        ("code", "wanted", "what"),
        [
            ("Bad", {}, "code"),
            ("there", {}, "code"),
            ("new", {"arrangement": {"tabs": []}}, "tabs"),
            ("new", {"arrangement": {"tabs": [TABS[0], TABS[0]]}}, "tabs"),
            ("new", {"arrangement": {"tabs": [{"code": "a"}, {"code": "b"}]}}, "tabs"),
            ("new", {"role": "nobody"}, "scope"),
            ("new", {"variant": "planet"}, "scope"),
        ],
    )
    def test_refuse_what_cannot_be(self, db, code, wanted, what):
        add("there")

        with pytest.raises(LayoutWrong) as error:
            add(code, **wanted)
        assert list(error.value.facts["problems"]) == [what]
        assert CardLayout.objects.count() == 1

    def test_a_change_leaves_a_trace_and_another_version_is_refused(self, anna):
        layout = add("one")
        wanted = Wanted({"en": "Renamed"}, {"tabs": TABS})

        services.change_layout(layout_id=layout.pk, version=1, wanted=wanted, by=anna, now=NOW)

        assert Change.objects.filter(table="records_cardlayout", row=str(layout.pk), act="U").exists()
        with pytest.raises(LayoutChanged):
            services.change_layout(layout_id=layout.pk, version=1, wanted=wanted, by=anna, now=NOW)

    def test_what_is_exported_loads_and_loads_again(self, db):
        add("one", role="operator", variant="client", arrangement={"tabs": TABS, "hidden": ["merges"]})
        part = export_layouts()
        CardLayout.objects.all().delete()

        load_layouts(part, SYSTEM, NOW)
        load_layouts(part, SYSTEM, NOW)

        assert export_layouts() == part
        assert CardLayout.objects.get().version == 1


class TestEditor:
    @pytest.mark.feature("F01.01")
    def test_an_administrator_arranges_the_card(self, browse, anna):
        client = browse(anna)
        form = client.get("/layouts/new/?kind=customer").content.decode()
        assert 'name="place_personal"' in form
        typed = {
            "kind": "customer",
            "code": "tabs",
            "name_en": "With tabs",
            "tab_code": ["first", "second", ""],
            "tab_ru": ["", "", ""],
            "tab_en": ["First", "Second", ""],
            "place_personal": "second:top",
            "place_comments": "hidden",
        }

        look = client.post("/layouts/new/", typed | {"look": "1"}).content.decode()
        assert not CardLayout.objects.exists()
        assert "<h3>Second</h3>" in look

        client.post("/layouts/new/", typed)

        layout = CardLayout.objects.get()
        assert layout.arrangement["tabs"][1]["top"] == ["personal"]
        assert layout.arrangement["hidden"] == ["comments"]
        assert "With tabs" in client.get("/layouts/").content.decode()

        client.post(f"/layouts/{layout.pk}/", typed | {"version": "1", "place_personal": "gone:side"})
        layout.refresh_from_db()
        assert "personal" in layout.arrangement["tabs"][0]["side"]
        client.post(f"/layouts/{layout.pk}/switch/")
        layout.refresh_from_db()
        assert not layout.in_use

    def test_what_is_wrong_is_told_and_stays(self, browse, anna):
        tab = {"tab_code": ["a"], "tab_ru": [""], "tab_en": [""]}
        answer = browse(anna).post("/layouts/new/", {"kind": "customer", "code": "Bad Key", "name_en": "Mine", **tab})

        assert answer.status_code == 422
        assert 'value="Bad Key"' in answer.content.decode()
        assert 'value="Mine"' in answer.content.decode()

    def test_is_not_for_operators(self, browse, db):
        assert browse(person("olga", "operator")).get("/layouts/").status_code == 403


class TestViews:
    @pytest.mark.feature("F01.18")
    def test_who_looks_chooses_among_those_that_fit_and_finds_his_choice_again(self, browse, db):
        by = person("olga", "operator")
        customer, other = (register_potential(typed=typed, by=SYSTEM, now=NOW) for typed in (SMIRNOVA, PETROV))
        for code, variant in (("everyone", ""), ("strangers", "front_office")):
            add(code, variant=variant)
        client = browse(by)
        url = f"/customers/{customer.pk}/"

        first = client.get(url)
        assert tabs_on(first) == ["One", "Two"]
        assert {"?view=everyone", "?view=-"} <= set(re.findall(r"[?]view=[a-z_-]+", first.content.decode()))
        assert "strangers" not in first.content.decode()
        assert tabs_on(client.get(f"{url}?view=-")) == []

        assert tabs_on(client.get(f"/customers/{other.pk}/")) == []
        assert tabs_on(client.get(f"{url}?view=strangers")) == ["One", "Two"]  # not for this card: as if unasked
        assert tabs_on(client.get(f"{url}?view=everyone")) == ["One", "Two"]

    def test_without_a_choice_there_is_no_menu(self, browse, db):
        customer = register_potential(typed=SMIRNOVA, by=SYSTEM, now=NOW)

        assert "card-views" not in browse(person("olga", "operator")).get(f"/customers/{customer.pk}/").content.decode()


class TestShipped:
    """X.29: four layouts ship."""

    @pytest.mark.feature("X.29")
    @pytest.mark.parametrize(
        ("name", "code", "tabs"),
        [
            pytest.param(
                "bank",
                "k_bank",
                ["Contact information", "Contacts with the customer", "Requests of the customer", "Documents", "More"],
                marks=pytest.mark.feature("F01.07"),
            ),
            pytest.param(
                "bank",
                "s_bank",
                [
                    "Personal data",
                    "Sending SMS to the customer",
                    "Latest contacts",
                    "Current products",
                    "Products taken",
                    "Linked cards",
                    "Changes of contact data",
                    "Cases and tasks",
                    "Documents and consents",
                ],
                marks=[
                    pytest.mark.feature("F01.44", partly="transactions of the card (bank)"),
                    pytest.mark.feature("F30.15", partly="the same forms off-line (mobile)"),
                ],
            ),
            pytest.param(
                "telecom",
                "telecom",
                [
                    "Contact information",
                    "Services and tariff",
                    "More",
                    "Documents",
                    "Changes of status",
                    "Planned contacts",
                    "Filled questionnaires",
                    "Requests",
                    "Tasks",
                    "Files",
                    "Change journal",
                ],
                marks=pytest.mark.feature("F01.08", partly="campaigns (campaigns)"),
            ),
            pytest.param(
                "assistance",
                "assistance",
                ["Client", "More"],
                marks=pytest.mark.feature("F30.11"),
            ),
        ],
    )
    def test_draws_every_tab(self, browse, db, name, code, tabs):
        blueprint.load(blueprint.read(name), now=NOW)
        CardLayout.objects.exclude(code=code).update(in_use=False)
        layout = CardLayout.objects.get(code=code)
        CardLayout.objects.filter(pk=layout.pk).update(in_use=True)
        customer = register_potential(typed=SMIRNOVA, by=SYSTEM, now=NOW)
        Customer.objects.filter(pk=customer.pk).update(card_type=CardType.CLIENT)
        client = browse(person("viktor", "supervisor"))

        first = client.get(f"/customers/{customer.pk}/")
        assert tabs_on(first) == tabs
        assert "+7\xa0916\xa0123-45-67" in first.content.decode()
        for tab in layout.arrangement["tabs"]:
            assert client.get(f"/customers/{customer.pk}/?tab={tab['code']}").status_code == 200
