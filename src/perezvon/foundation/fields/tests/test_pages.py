"""The pages of fields, as a browser asks for them."""

from __future__ import annotations

import pytest

from perezvon.foundation.fields.models import CustomField, FieldSection
from perezvon.foundation.fields.selectors import fields_of
from perezvon.foundation.people.models import Role

NEW = {"kind": "customer", "section": "bank", "label_en": "Card limit", "label_ru": "Лимит карты", "key": "limit"}


def page_of(response) -> str:
    return " ".join(response.content.decode().split())


class TestFields:
    @pytest.mark.feature("F01.01", partly="the layout of sections")
    def test_an_administrator_adds_a_section_and_a_field(self, browse, anna, olga):
        client = browse(anna)
        assert "Fields stand in sections" in page_of(client.get("/fields/"))

        client.post("/fields/section/", {"kind": "customer", "key": "bank", "label_en": "Bank"})
        types = page_of(client.get("/fields/new/?kind=customer&section=bank"))
        assert "Several of a list" in types
        assert "Currency" in page_of(client.get("/fields/new/?kind=customer&section=bank&type=money"))
        answer = client.post(
            "/fields/new/",
            NEW | {"type": "money", "currency": "USD", "access_operator": "seen", "sortable": "on", "exportable": "on"},
        )

        assert answer.status_code == 302
        row = CustomField.objects.get()
        assert (row.label, row.options["currency"]) == ({"ru": "Лимит карты", "en": "Card limit"}, "USD")
        assert (row.access["operator"], row.access["supervisor"]) == ("seen", "edited")
        assert (row.is_sortable, row.is_importable) == (True, False)
        page = page_of(client.get("/fields/"))
        assert "Operator: sees" in page
        assert "Supervisor: sees" not in page
        assert "Card limit" in page
        assert "being prepared" in page
        assert [field.level for field in fields_of("customer", olga)] == ["seen"]

    def test_what_is_wrong_is_told_at_its_place_and_what_was_typed_stays(self, browse, anna, section):
        answer = browse(anna).post(
            "/fields/new/", NEW | {"type": "choice", "key": "Card", "choices": "gold | Золотая\nsilver"}
        )

        page = page_of(answer)
        assert answer.status_code == 422
        assert "Line 2: write it as" in page
        assert "A key has small Latin letters" in page
        assert "gold | Золотая silver</textarea>" in page
        assert 'value="Card limit"' in page
        assert not CustomField.objects.exists()

    def test_a_section_without_a_name_is_not_added(self, browse, anna):
        answer = browse(anna).post("/fields/section/", {"kind": "customer", "key": "bank"})

        assert answer.status_code == 422
        assert "Give it a name" in page_of(answer)
        assert not FieldSection.objects.exists()

    def test_a_field_is_changed_moved_and_taken_out_of_use(self, browse, anna, add):
        first, second = add("first", "choice", options={"choices": "a | А | A"}), add("second")
        client = browse(anna)
        assert "a | А | A</textarea>" in page_of(client.get(f"/fields/{first.pk}/"))

        client.post(
            f"/fields/{first.pk}/",
            {"version": "1", "section": "bank", "label_en": "Renamed", "choices": "a | А | A\nb | Б"},
        )
        client.post(f"/fields/{second.pk}/up/")
        client.post(f"/fields/{first.pk}/withdraw/")

        first.refresh_from_db()
        assert (first.label, len(first.options["choices"]), first.in_use) == ({"en": "Renamed"}, 2, False)
        assert list(CustomField.objects.values_list("key", flat=True)) == ["second", "first"]
        assert "out of use" in page_of(client.get("/fields/"))

    def test_two_administrators_lose_nothing(self, browse, anna, add):
        row = add("limit", "number")
        client = browse(anna)
        typed = {"version": "1", "section": "bank"}
        client.post(f"/fields/{row.pk}/", typed | {"label_en": "Hers"})

        answer = client.post(f"/fields/{row.pk}/", typed | {"label_en": "His"})

        assert answer.status_code == 409
        assert CustomField.objects.get().label == {"en": "Hers"}

    def test_the_preview_is_the_form_of_a_role(self, browse, anna, add):
        add("open", label="Open to all")
        add("secret", label="Secret", access={"operator": "hidden"})
        client = browse(anna)

        assert 'name="custom_secret"' not in page_of(client.get("/fields/?kind=customer&role=operator"))
        assert 'name="custom_open"' in page_of(client.get("/fields/?kind=customer&role=operator"))
        assert 'name="custom_secret"' in page_of(client.get("/fields/?kind=customer&role=supervisor"))

    def test_a_new_role_is_told_and_kept_with_the_least_level(self, browse, anna, add):
        row = add("secret", label="Secret", access={"operator": "hidden"})
        Role.objects.create(code="trainee", name={"en": "Trainee"})
        client = browse(anna)

        assert "Trainee: does not see" in page_of(client.get("/fields/"))
        assert 'name="custom_secret"' not in page_of(client.get("/fields/?kind=customer&role=trainee"))
        form = page_of(client.get(f"/fields/{row.pk}/")).partition('name="access_trainee"')[2].partition("</select>")[0]
        assert '<option value="hidden" selected>' in form

    def test_a_level_that_there_is_not_is_refused(self, browse, anna, section):
        answer = browse(anna).post("/fields/new/", NEW | {"type": "text", "access_operator": "all"})

        assert answer.status_code == 422
        assert not CustomField.objects.exists()

    @pytest.mark.parametrize(
        ("path", "status"), [("?kind=planet", 404), ("new/?kind=customer&section=no", 404), ("99/", 404)]
    )
    def test_what_is_not_there_is_said_to_be_not_there(self, browse, anna, path, status):
        assert browse(anna).get(f"/fields/{path}").status_code == status

    def test_are_not_for_operators(self, browse, olga):
        assert browse(olga).get("/fields/").status_code == 403
