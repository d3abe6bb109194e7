"""Scenarios are drawn by several people, published, and kept as they were."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.db import DatabaseError, transaction

from perezvon.cores.scripting import Flaw
from perezvon.foundation.access import Person
from perezvon.foundation.outbox.models import OutboxRow
from perezvon.foundation.people.models import Project, Role, User
from perezvon.kernel.errors import NotAllowed
from perezvon.modules.scripting import services
from perezvon.modules.scripting.models import Scenario, ScenarioVersion
from perezvon.modules.scripting.selectors import list_offered, published
from perezvon.modules.scripting.services.defining import Drawing, Offering
from perezvon.modules.scripting.tests.conftest import NOW

pytestmark = pytest.mark.django_db

GREETING: dict[str, Any] = {
    "id": "hello", "kind": "phrase", "title": {"en": "Greeting"}, "text": {"texts": {"en": "Good day!"}},
    "ways": [{"code": "on", "to": "end"}],
}  # fmt: skip
END: dict[str, Any] = {"id": "end", "kind": "end", "title": {"en": "End"}, "result": "done"}


def document(*nodes: dict[str, Any], **more: Any) -> dict[str, Any]:
    drawn = nodes or (GREETING, END)
    return {
        "key": "talk", "version": 0, "start": drawn[0]["id"], "languages": ["en"],
        "nodes": {one["id"]: one for one in drawn}, **more,
    }  # fmt: skip


@pytest.fixture
def lisa(loans: Project) -> Person:
    """The information administrator."""
    role = Role.objects.get(code="information_administrator")
    return User.objects.create(login="lisa", last_name="Lisina", role=role, language="en").actor()


@pytest.fixture
def begun(lisa: Person) -> Callable[..., Scenario]:
    """begun(node, node…) makes a scenario with that draft."""

    def made(*nodes: dict[str, Any], code: str = "talk") -> Scenario:
        drawing = Drawing(document(*nodes))
        return services.create_scenario(code=code, offering=Offering({"en": "Talk"}), drawing=drawing, by=lisa, now=NOW)

    return made


class TestDefining:
    def test_what_is_published_is_offered_and_stays_while_the_next_is_drawn(self, begun, lisa, olga):
        talk = begun()
        assert list_offered(by=olga) == []
        services.publish_scenario(scenario_id=talk.pk, revision=1, by=lisa, now=NOW)
        first = published(Scenario.objects.get())
        other = {**GREETING, "title": {"en": "Another greeting"}}
        services.save_draft(scenario_id=talk.pk, revision=1, drawing=Drawing(document(other, END)), by=lisa, now=NOW)

        offered = list_offered(by=olga)

        assert [one.code for one in offered] == ["talk"]
        assert published(offered[0]) is first
        services.publish_scenario(scenario_id=talk.pk, revision=2, by=lisa, now=NOW)
        assert published(Scenario.objects.get()).nodes["hello"].title == {"en": "Another greeting"}
        services.roll_back(scenario_id=talk.pk, number=1, by=lisa, now=NOW)
        again = published(Scenario.objects.get())
        assert (again.version, again.nodes) == (3, first.nodes)
        assert Scenario.objects.get().draft.document["nodes"]["hello"]["title"] == {"en": "Greeting"}
        assert OutboxRow.objects.filter(topic="scripting.published").count() == 3
        with pytest.raises(DatabaseError), transaction.atomic():
            ScenarioVersion.objects.update(document={})

    def test_two_who_draw_at_once_are_told_and_flaws_are_refused(self, begun, lisa, olga):
        talk = begun({**GREETING, "ways": [{"code": "on", "to": "nowhere"}]}, END)
        with pytest.raises(services.Unfit) as refused:
            services.publish_scenario(scenario_id=talk.pk, revision=1, by=lisa, now=NOW)
        assert Flaw("hello", "no_target", "nowhere") in refused.value.facts["flaws"]
        services.save_draft(scenario_id=talk.pk, revision=1, drawing=Drawing({"nodes": 7}), by=lisa, now=NOW)
        with pytest.raises(services.DraftChanged):
            services.save_draft(scenario_id=talk.pk, revision=1, drawing=Drawing(document()), by=lisa, now=NOW)
        with pytest.raises(services.Unfit) as refused:
            services.publish_scenario(scenario_id=talk.pk, revision=2, by=lisa, now=NOW)
        assert {one.code for one in refused.value.facts["flaws"]} == {"unreadable"}
        with pytest.raises(NotAllowed):
            services.save_draft(scenario_id=talk.pk, revision=2, drawing=Drawing(document()), by=olga, now=NOW)
        with pytest.raises(services.FieldsWrong) as wrong:
            services.create_scenario(code="talk", offering=Offering({}), by=lisa, now=NOW)
        assert set(wrong.value.facts["problems"]) == {"code", "name"}
