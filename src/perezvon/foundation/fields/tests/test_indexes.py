"""Indexes of fields, made by a job while people work."""

from __future__ import annotations

import pytest
from django.db import connection

from perezvon.foundation.fields import services
from perezvon.foundation.fields.events import FieldsChanged
from perezvon.foundation.fields.handlers import look_after_indexes
from perezvon.foundation.fields.indexes import prepare
from perezvon.foundation.fields.models import CustomField
from perezvon.foundation.fields.selectors import fields_of, order_by
from perezvon.foundation.fields.services import Wanted
from perezvon.foundation.fields.tests.conftest import NOW, SYSTEM
from perezvon.foundation.fields.values import read
from perezvon.kernel.checks import Wrong
from perezvon.modules.customers.models import Customer


def indexes() -> list[str]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT indexname FROM pg_indexes WHERE indexname LIKE 'custom\\_customer\\_%' ORDER BY 1")
        return [name for (name,) in cursor.fetchall()]


def field(key: str):
    return next(one for one in fields_of("customer", SYSTEM) if one.key == key)


@pytest.mark.django_db(transaction=True)
class TestPrepare:
    def test_makes_what_is_wanted_and_drops_what_is_not(self, add):
        row = add("limit", "money", sortable=True)
        add("note", searchable=True)
        add("plain")
        assert not field("limit").sortable

        prepare("customer")

        assert indexes() == ["custom_customer_limit", "custom_customer_note"]
        assert (field("limit").sortable, field("note").searchable) == (True, True)

        services.change_field(field_id=row.pk, version=1, wanted=Wanted({"en": "Limit"}, "bank"), by=SYSTEM, now=NOW)
        prepare("customer")

        assert indexes() == ["custom_customer_note"]

    def test_begins_anew_where_it_was_killed(self, add):
        add("note", sortable=True)
        prepare("customer")
        with connection.cursor() as cursor:
            cursor.execute("UPDATE pg_index SET indisvalid = false WHERE indexrelid = 'custom_customer_note'::regclass")

        prepare("customer")

        with connection.cursor() as cursor:
            cursor.execute("SELECT indisvalid FROM pg_index WHERE indexrelid = 'custom_customer_note'::regclass")
            assert cursor.fetchone() == (True,)

    def test_says_so_when_a_value_is_no_number(self, add):
        Customer.objects.create(
            id="00000000-0000-0000-0000-000000000001", number=1, created_at=NOW, custom={"sum": "x"}
        )
        add("sum", "number", sortable=True)

        prepare("customer")

        assert CustomField.objects.get().index_state == "failed"
        assert not field("sum").sortable

    def test_keeps_the_longest_text_that_may_be_typed(self, add):
        add("note", sortable=True)
        prepare("customer")
        letters = "".join(chr(0x20000 + place * 7919 % 40_000) for place in range(4000))

        with pytest.raises(Wrong):
            read(field("note"), letters)
        kept = read(field("note"), letters[:500])
        Customer.objects.create(
            id="00000000-0000-0000-0000-000000000001", number=1, created_at=NOW, custom={"note": kept}
        )

        assert Customer.objects.get().custom == {"note": letters[:500]}
        assert indexes() == ["custom_customer_note"]

    @pytest.mark.parametrize(("key", "type_"), [("limit", "money"), ("day", "date"), ("note", "text")])
    def test_sorting_reads_the_index(self, add, key, type_):
        add(key, type_, sortable=True)
        prepare("customer")

        with connection.cursor() as cursor:
            cursor.execute("SET enable_seqscan = off; SET enable_sort = off")
            try:
                plan = Customer.objects.order_by(order_by(field(key)), "id")[:10].explain()
            finally:
                cursor.execute("RESET enable_seqscan; RESET enable_sort")

        assert f"custom_customer_{key}" in plan


class TestLookAfter:
    def test_asks_for_one_job_however_many_changes(self, db):
        look_after_indexes(FieldsChanged(kind="customer"), NOW)
        look_after_indexes(FieldsChanged(kind="customer"), NOW)

        with connection.cursor() as cursor:
            cursor.execute("SELECT count(*) FROM procrastinate_jobs WHERE task_name = 'fields.prepare'")
            assert cursor.fetchone() == (1,)
