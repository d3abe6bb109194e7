"""What an administrator may make of fields, and what others see of them."""

from __future__ import annotations

import pytest

from perezvon.foundation.fields import services
from perezvon.foundation.fields.blueprint import export_fields, load_fields
from perezvon.foundation.fields.models import CustomField
from perezvon.foundation.fields.selectors import fields_of, get_field
from perezvon.foundation.fields.services import FieldChanged, FieldWrong, Wanted
from perezvon.foundation.fields.tests.conftest import NOW, SYSTEM, user
from perezvon.foundation.history.models import Change
from perezvon.foundation.outbox.models import OutboxRow
from perezvon.foundation.people.models import Role
from perezvon.kernel.errors import NotAllowed, NotFound

CHOICES = "gold | Золотая | Gold\nplatinum | Платиновая | Platinum"


def problems_of(error) -> dict[str, str]:
    return {what: wrong.code for what, wrong in error.value.facts["problems"].items()}


def keys(by, **more) -> list[str]:
    return [field.key for field in fields_of("customer", by, **more)]


class TestAddField:
    def test_is_there_for_everybody_at_once(self, add, olga):
        add("limit", "money", "Card limit", options={"currency": "USD"})

        (field,) = fields_of("customer", olga)
        assert (field.key, field.label, field.type, field.level) == ("limit", "Card limit", "money", "edited")
        assert (field.section, field.section_label, field.options["currency"]) == ("bank", "Bank", "USD")

    def test_stands_behind_the_others_of_its_section(self, add, olga):
        add("second")
        add("first")

        assert keys(olga) == ["second", "first"]

    @pytest.mark.parametrize(
        ("key", "type_", "wanted", "problems"),
        [
            ("Limit", "text", {}, {"key": "key.form"}),
            ("there", "text", {}, {"key": "key.taken"}),
            ("new", "picture", {}, {"type": "choice.unknown"}),
            ("new", "choice", {"options": {"choices": ""}}, {"options": "choices.none"}),
            ("new", "choice", {"options": {"choices": "a | A\n- b | B"}}, {"options": "choices.tree"}),
            ("new", "tree", {"options": {"choices": "- b | B"}}, {"options": "choices.line"}),
            ("new", "choice", {"options": {"choices": "a | A\na | B"}}, {"options": "choices.twice"}),
            ("new", "number", {"options": {"least": "5", "most": "4"}}, {"options": "number.bounds"}),
            ("new", "number", {"options": {"places": "9"}}, {"options": "number.between"}),
            ("new", "computed", {"options": {"formula": "there + 1"}}, {"options": "formula.unknown"}),
            ("new", "computed", {"options": {"formula": "__import__('os')"}}, {"options": "formula.form"}),
            ("new", "text", {"access": {"nobody": "seen"}}, {"access": "choice.unknown"}),
            ("new", "text", {"variants": ("planet",)}, {"variants": "choice.unknown"}),
        ],
    )
    def test_names_what_is_wrong_and_adds_nothing(self, add, section, key, type_, wanted, problems):
        add("there")
        before = CustomField.objects.count()

        with pytest.raises(FieldWrong) as error:
            add(key, type_, **wanted)

        assert problems_of(error) == problems
        assert CustomField.objects.count() == before

    def test_is_for_administrators(self, section, olga):
        with pytest.raises(NotAllowed):
            services.add_field(
                kind="customer", key="new", type="text", wanted=Wanted({"en": "New"}, "bank"), by=olga, now=NOW
            )

    def test_of_a_kind_nobody_registered_is_refused(self, db):
        with pytest.raises(NotFound):
            services.add_section(kind="planet", key="bank", label={"en": "Bank"}, by=SYSTEM, now=NOW)

    def test_seventeen_of_a_kind_are_not_sorted_by(self, add):
        for number in range(16):
            add(f"sorted_{number}", sortable=True)

        with pytest.raises(FieldWrong) as error:
            add("one_more", searchable=True)
        assert problems_of(error) == {"sortable": "fields.many_indexed"}
        add("plain")


class TestChangeField:
    def test_leaves_a_trace_and_tells_the_indexer(self, add, anna, olga):
        row = add("limit", "number", "Limit")
        OutboxRow.objects.all().delete()

        services.change_field(
            field_id=row.pk, version=1, wanted=Wanted({"en": "Card limit"}, "bank", sortable=True), by=anna, now=NOW
        )

        assert [field.label for field in fields_of("customer", olga)] == ["Card limit"]
        change = Change.objects.filter(table="fields_customfield", row=str(row.pk)).latest("id")
        assert (change.before["label"], change.after["label"]) == ({"en": "Limit"}, {"en": "Card limit"})
        assert [row.topic for row in OutboxRow.objects.all()] == ["fields.changed"]

    def test_of_another_version_is_refused(self, add, anna):
        row = add("limit", "number")
        wanted = Wanted({"en": "One"}, "bank")
        services.change_field(field_id=row.pk, version=1, wanted=wanted, by=anna, now=NOW)

        with pytest.raises(FieldChanged):
            services.change_field(field_id=row.pk, version=1, wanted=Wanted({"en": "Two"}, "bank"), by=anna, now=NOW)
        assert get_field(row.pk).label == {"en": "One"}

    def test_keeps_choices_that_are_gone_for_the_records_that_hold_them(self, add, anna, olga):
        row = add("card", "choice", options={"choices": CHOICES})
        wanted = Wanted({"en": "Card"}, "bank", options={"choices": "gold | Золотая | Gold"})

        services.change_field(field_id=row.pk, version=1, wanted=wanted, by=anna, now=NOW)

        (field,) = fields_of("customer", olga)
        assert field.choices == [("gold", "Золотая")] or field.choices == [("gold", "Gold")]
        assert field.all_choices["platinum"].withdrawn
        assert field.holding("platinum").choices[-1][0] == "platinum"

    def test_the_same_again_changes_nothing(self, add, anna):
        row = add("card", "choice", "Card", options={"choices": CHOICES})
        wanted = Wanted({"en": "Card"}, "bank", options={"choices": CHOICES})

        services.change_field(field_id=row.pk, version=1, wanted=wanted, by=anna, now=NOW)

        assert get_field(row.pk).version == 1


class TestMoveAndWithdraw:
    def test_order_is_the_administrators(self, add, anna, olga):
        rows = [add(key) for key in ("one", "two", "three")]

        services.move_field(field_id=rows[2].pk, places=-1, by=anna, now=NOW)
        services.move_field(field_id=rows[0].pk, places=-1, by=anna, now=NOW)

        assert keys(olga) == ["one", "three", "two"]

    def test_out_of_use_nobody_sees_it_until_it_is_back(self, add, anna, olga):
        row = add("limit", "number")

        services.withdraw_field(field_id=row.pk, by=anna, now=NOW)
        assert keys(olga) == []

        services.restore_field(field_id=row.pk, by=anna, now=NOW)
        assert keys(olga) == ["limit"]

    def test_what_a_formula_counts_with_stays_in_use(self, add, anna):
        row = add("limit", "number")
        add("double", "computed", options={"formula": "limit * 2"})

        with pytest.raises(FieldWrong) as error:
            services.withdraw_field(field_id=row.pk, by=anna, now=NOW)
        assert problems_of(error) == {"formula": "formula.needs"}


class TestFieldsOf:
    def test_roles_see_what_the_administrator_lets_them(self, add, olga, ksenia):
        add("open")
        add("read", access={"operator": "seen"})
        add("dotted", access={"operator": "masked"}, sortable=True)
        add("secret", access={"operator": "hidden"})
        CustomField.objects.update(index_state="ready")

        assert {field.key: field.level for field in fields_of("customer", olga)} == {
            "open": "edited",
            "read": "seen",
            "dotted": "masked",
        }
        assert keys(ksenia) == ["open", "read", "dotted", "secret"]

    def test_what_is_dotted_is_not_sorted_by(self, add, anna, olga, ksenia):
        row = add("dotted", access={"operator": "masked"}, sortable=True)
        CustomField.objects.update(index_state="ready")
        services.move_field(field_id=row.pk, places=1, by=anna, now=NOW)

        assert [field.sortable for field in fields_of("customer", olga)] == [False]
        assert [field.sortable for field in fields_of("customer", ksenia)] == [True]

    def test_a_new_role_has_the_least_level_until_it_is_named(self, add, anna, ksenia):
        add("open")
        row = add("secret", access={"operator": "hidden"})
        add("dotted", access={"operator": "masked", "supervisor": "seen"})
        Role.objects.create(code="trainee", name={"en": "Trainee"})
        trainee = user("trainee", "trainee").actor()

        assert {field.key: field.level for field in fields_of("customer", trainee)} == {
            "open": "edited",
            "dotted": "masked",
        }

        wanted = Wanted({"en": "Secret"}, "bank", access={"operator": "hidden", "trainee": "edited"})
        services.change_field(field_id=row.pk, version=1, wanted=wanted, by=anna, now=NOW)

        assert keys(trainee) == keys(ksenia) == ["open", "secret", "dotted"]

    def test_some_are_of_companies_only(self, add, olga):
        add("kpp", variants=("company",))
        add("note")

        assert keys(olga, variant="person") == ["note"]
        assert keys(olga, variant="company") == ["kpp", "note"]
        assert keys(olga) == ["kpp", "note"]

    def test_cost_one_query_once_they_are_known(self, add, olga, django_assert_num_queries):
        add("limit", "number")
        fields_of("customer", olga)

        with django_assert_num_queries(1):
            assert keys(olga) == ["limit"]


class TestBlueprint:
    def test_what_is_exported_loads_and_loads_again(self, add, olga):
        add("limit", "money", "Limit", options={"least": "0"}, access={"operator": "seen"}, sortable=True)
        add("card", "tree", "Card", options={"choices": "gold | Золотая | Gold\n- plus | Плюс | Plus"})
        add("left", "computed", "Left", options={"formula": "limit * 2"})
        part = export_fields()
        CustomField.objects.all().delete()

        load_fields(part, SYSTEM, NOW)
        loaded = {row.key: row.version for row in CustomField.objects.all()}
        load_fields(part, SYSTEM, NOW)

        assert export_fields() == part
        assert {row.key: row.version for row in CustomField.objects.all()} == loaded
        assert keys(olga) == ["limit", "card", "left"]
