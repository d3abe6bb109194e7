"""Whoever is named in a case, follows it or answers for it hears of it wherever he is."""

from __future__ import annotations

import html
import re
from datetime import timedelta

from django.urls import reverse

from perezvon.foundation.notices.models import Notice
from perezvon.foundation.notices.services import KEPT, forget_old
from perezvon.foundation.outbox.models import OutboxRow
from perezvon.modules.cases.services import comment_case, follow_case, take_case
from perezvon.modules.cases.tests.conftest import NOW


def words(page) -> str:
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", page.content.decode())).split())


def test_a_colleague_who_is_named_is_told_once_and_where(register, browse, olga, ivan):
    case = register()
    follow_case(case_id=case.pk, on=True, by=ivan, now=NOW)
    comment_case(case_id=case.pk, text="@ivan, look at it. @ivan!", by=olga, now=NOW)

    browser = browse(ivan)
    assert words(browser.get(reverse("notices:count"))) == "1"
    told = browser.get(reverse("notices:list"))
    assert f"named you in case {case.code}" in words(told)
    assert reverse("cases:case", args=[case.pk]) in told.content.decode()
    assert "data-new" in told.content.decode()
    assert OutboxRow.objects.filter(body__kind="notice", audience=[f"user:{ivan.id}"]).exists()

    browser.post(reverse("notices:read"))
    assert words(browser.get(reverse("notices:count"))) == ""
    assert "data-new" not in browser.get(reverse("notices:list")).content.decode()
    assert not Notice.objects.filter(user=olga.id).exists()


def test_whoever_answers_for_it_hears_what_others_do_and_not_what_he_does(register, olga, ivan):
    case = register()
    take_case(case_id=case.pk, by=ivan, now=NOW)
    comment_case(case_id=case.pk, text="The customer has called again", by=olga, now=NOW)
    comment_case(case_id=case.pk, text="I know", by=ivan, now=NOW)

    assert [one.facts["what"] for one in Notice.objects.filter(user=ivan.id)] == ["comment"]
    assert [one.facts["what"] for one in Notice.objects.filter(user=olga.id)] == ["comment", "handed"]  # she follows


def test_nobody_else_is_told_and_the_old_ones_go(register, browse, olga, ivan, viktor):
    case = register()
    follow_case(case_id=case.pk, on=True, by=viktor, now=NOW)
    comment_case(case_id=case.pk, text="A note", by=olga, now=NOW)

    assert words(browse(ivan).get(reverse("notices:list"))).endswith("Nothing has happened that concerns you.")
    assert forget_old(now=NOW + KEPT) == 0
    assert forget_old(now=NOW + KEPT + timedelta(seconds=1)) == 1
