"""Work that is planned for a case: from its page, and in the board tree with its number, date and title."""

from __future__ import annotations

import pytest
from django.urls import reverse

from perezvon.modules.tasks.models import Task


@pytest.mark.feature("F10.02")
def test_a_case_stands_in_the_board_tree_between_its_customer_and_his_tasks(register, browse, olga, elena):
    case = register(subject="Delivery is late")
    browser = browse(olga)
    plan = f"{reverse('tasks:new')}?subject=case:{case.pk}"
    assert plan in browser.get(reverse("cases:case", args=[case.pk])).content.decode()
    assert elena.full_name in browser.get(plan).content.decode()

    form = {"title": "Ask the courier", "kind": "todo", "date": "2026-12-01", "subject": f"case:{case.pk}"}
    browser.post(reverse("tasks:new"), form)

    task = Task.objects.get()
    assert (task.subject_kind, task.subject, task.customer_id) == ("case", case.pk, elena.pk)
    case_page = browser.get(reverse("cases:case", args=[case.pk])).content.decode()
    assert reverse("tasks:task", args=[task.pk]) in case_page
    tree = browser.get(reverse("tasks:tree")).content.decode()
    assert [text for text in (elena.full_name, str(case), "Ask the courier") if text not in tree] == []
    nowhere = browser.get(f"{reverse('tasks:new')}?subject=case:{task.pk}")
    assert nowhere.status_code == 404
