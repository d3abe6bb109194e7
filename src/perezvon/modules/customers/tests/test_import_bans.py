"""A register of numbers that must not be contacted comes as a table."""

from __future__ import annotations

import pytest

from perezvon.foundation.imports import services
from perezvon.foundation.imports.models import State
from perezvon.foundation.outbox.models import OutboxRow
from perezvon.modules.customers.models import ContactBan, Purpose
from perezvon.modules.customers.selectors import contact_refusal
from perezvon.modules.customers.services import lift_ban
from perezvon.modules.customers.tests.conftest import NOW
from perezvon.modules.customers.tests.test_imports import refused_rows, run_jobs, send, table

HEAD = "Телефон;Канал;Цель;Действует до;Причина"


@pytest.fixture(autouse=True)
def _own_folder(settings, tmp_path):
    settings.IMPORTS = tmp_path / "imports"
    settings.RESULTS = tmp_path / "results"


def bring(browser, *rows: str):
    one = send(browser, table(*rows, head=HEAD), kind="ban")
    assert browser.post(f"/imports/{one.pk}/start/").status_code == 302
    run_jobs()
    one.refresh_from_db()
    return one


def lines() -> list[tuple[object, ...]]:
    found = ContactBan.objects.filter(lifted_at=None).order_by("id")
    return [
        (one.address, one.channel, str(one.purpose or ""), one.until and str(one.until), one.reason) for one in found
    ]


class TestRegister:
    def test_is_entered_once_and_asked_at_once(self, browse, viktor, db):
        Purpose.objects.create(code="sales", name={"ru": "Продажи", "en": "Sales"})
        boss = browse(viktor)

        one = bring(
            boss,
            "8 916 700-00-01;;;;Жалоба",
            "+7 916 700-00-01;;;;Другими словами",
            "79167000002;Звонок;Продажи;01.02.2099;",
            "79167000003;;;01.02.2001;",
            "79167000004;;Рыбалка;;",
            "нет номера;;;;",
        )

        assert lines() == [
            ("79167000001", "any", "", None, "Жалоба"),
            ("79167000002", "call", "Sales", "2099-02-01", "Entered from a table."),
        ]
        assert (one.state, one.rows) == (State.DONE, 6)
        refused = [row[0] for row in refused_rows(boss, one)]
        assert refused[1:] == ["79167000003", "79167000004", "нет номера"]
        refusal = contact_refusal(customer_id=None, channel="call", address="+79167000001", purpose="", now=NOW)
        assert refusal is not None
        assert OutboxRow.objects.filter(topic="customers.contact_banned").count() == 2

        again = bring(boss, "8 916 700-00-01;;;;Жалоба")
        assert len(lines()) == 2
        assert again.state == State.DONE

    def test_taken_back_is_lifted_but_for_lines_that_were_lifted_by_hand(self, browse, viktor, db):
        boss = browse(viktor)
        one = bring(boss, "8 916 700-00-01;;;;", "8 916 700-00-02;;;;")
        by_hand = ContactBan.objects.get(address="79167000002")
        lift_ban(ban_id=by_hand.pk, reason="он сам", by=viktor, now=NOW)

        services.undo_import(import_id=one.pk, by=viktor, now=NOW)
        run_jobs()

        assert lines() == []
        reasons = set(ContactBan.objects.values_list("address", "lift_reason"))
        assert reasons == {("79167000001", "The import was taken back."), ("79167000002", "он сам")}

    def test_is_brought_by_who_may_enter_bans_only(self, browse, olga, db):
        assert browse(olga).post("/imports/new/", {"kind": "ban", "file": table(head=HEAD)}).status_code == 403
