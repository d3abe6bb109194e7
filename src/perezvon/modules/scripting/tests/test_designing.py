"""The pages around the designer, what the drawing asks of the server, and scenarios in a blueprint."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from perezvon.foundation.access import System
from perezvon.foundation.people.models import User
from perezvon.modules.scripting.blueprint import export_scenarios, load_scenarios
from perezvon.modules.scripting.comparing import Difference, compare
from perezvon.modules.scripting.models import Scenario
from perezvon.modules.scripting.selectors import published
from perezvon.modules.scripting.tests.conftest import NOW
from perezvon.modules.scripting.tests.test_defining import END, GREETING, document, lisa

__all__ = ["lisa"]
ASK: dict[str, Any] = {
    "id": "ask", "kind": "question", "title": {"en": "Which one"},
    "fields": [{"code": "kind", "ask": "one", "required": True,
                "options": [{"code": "a", "texts": {"en": "Card"}}, {"code": "b", "texts": {"en": "Loan"}}]}],
    "ways": [{"code": "on", "to": "end"}],
}  # fmt: skip


def post(browser: Client, url: str, **sent: Any) -> Any:
    answer = browser.post(
        url, json.dumps(sent), content_type="application/json", headers={"accept": "application/json"}
    )
    return answer.status_code, answer.json()


@pytest.mark.django_db
class TestPages:
    def test_lead_from_a_new_scenario_to_its_versions_and_files(self, lisa, loans, olga):
        browser = Client()
        browser.force_login(User.objects.get(pk=lisa.id))
        given = {"name_en": "Talk", "code": "Talk", "projects": str(loans.pk), "direction": "in", "position": "5"}
        wrong = browser.post("/admin/scenarios/new/", given)
        assert (wrong.status_code, "begins with a letter" in wrong.content.decode()) == (422, True)
        made = browser.post("/admin/scenarios/new/", {**given, "code": "talk"})
        scenario = Scenario.objects.get(code="talk")
        here = f"/admin/scenarios/{scenario.pk}/"
        assert (made["Location"], list(scenario.projects.all())) == (here, [loans])
        assert "cc-designer" in browser.get(here).content.decode()

        drawn = document({**GREETING, "ways": [{"code": "on", "to": "ask"}]}, ASK, END)
        crooked = document({**GREETING, "ways": []}, ASK, END)
        status, told = post(browser, f"{here}draft/", revision=1, document=crooked, places={})
        assert status == 200
        assert {(one["node"], one["code"]) for one in told["flaws"]} >= {("hello", "dead_end"), ("ask", "unreachable")}
        status, told = post(browser, f"{here}publish/", revision=2)
        assert (status, "cannot be published" in told["message"]) == (422, True)
        status, told = post(browser, f"{here}draft/", revision=1, document=drawn, places={})
        assert (status, "What you have drawn stays here" in told["message"]) == (409, True)
        status, told = post(browser, f"{here}draft/", revision=2, document=drawn, places={"ask": [10, 20]})
        assert (status, told) == (200, {"revision": 3, "flaws": []})

        inputs = [{"do": "answer"}, {"do": "answer", "values": {"kind": "c"}}]
        status, told = post(browser, f"{here}trial/", document=drawn, inputs=inputs, language="en", facts={})
        assert (told["node"], told["fields"][0]["problem"]) == ("ask", "Choose from the list.")
        inputs[1] = {"do": "answer", "values": {"kind": "b"}}
        status, told = post(browser, f"{here}trial/", document=drawn, inputs=inputs, language="en", facts={})
        assert (told["ended"], told["result"], told["path"]) == (True, "done", ["hello", "ask", "end"])
        assert post(browser, f"{here}trial/", document={"nodes": 1}, inputs=[], facts={})[1].keys() == {"refused"}

        assert post(browser, f"{here}publish/", revision=3, note="First") == (200, {"number": 1})
        renamed = document({**drawn["nodes"]["hello"], "title": {"en": "Welcome"}}, ASK, END)
        post(browser, f"{here}draft/", revision=3, document=renamed, places={})
        page = browser.get(f"{here}versions/").content.decode()
        assert "<del>Greeting</del>" in page
        assert "<ins>Welcome</ins>" in page
        saved = browser.get(f"{here}export/")
        assert browser.post(f"{here}publish/", "[]", content_type="application/json").status_code == 422
        browser.post(f"{here}back/", {"number": "1"})
        assert (Scenario.objects.get().current.number, Scenario.objects.get().draft.places) == (2, {"ask": [10, 20]})
        for text, status in ((b"- 1", 422), (b"\xff", 422), (saved.content, 302)):
            answer = browser.post(f"{here}load/", {"file": SimpleUploadedFile("talk.yaml", text)})
            assert answer.status_code == status
        assert Scenario.objects.get().draft.document["nodes"]["hello"]["title"] == {"en": "Welcome"}
        assert "Talk" in browser.get("/admin/scenarios/").content.decode()

        browser.force_login(User.objects.get(pk=olga.id))
        assert browser.get(here).status_code == 403

    def test_a_blueprint_carries_scenarios_and_loads_twice_into_the_same(self, lisa, loans):
        by = System(name="test")
        part = {key: one for key, one in document(GREETING, END).items() if key not in ("key", "version")}
        outer = {
            **part, "start": "sub",
            "nodes": {"sub": {"id": "sub", "kind": "sub", "title": {"en": "Greets"}, "scenario": "talk",
                              "ways": [{"code": "on", "to": "end"}]}, "end": END},
        }  # fmt: skip
        rows = [
            {"code": "talk", "name": {"en": "Talk"}, "order": 900, "document": part},
            {"code": "outer", "name": {"en": "Outer"}, "projects": ["loans"], "phase": "ringing", "document": outer},
        ]
        load_scenarios({"scenarios": rows}, by, NOW)
        load_scenarios({"scenarios": rows}, by, NOW)

        assert export_scenarios() == {"scenarios": rows}
        assert [published(one).version for one in Scenario.objects.all()] == [1, 1]
        rows[0]["document"] = {**part, "nodes": {**part["nodes"], "end": {**END, "result": "other"}}}
        load_scenarios({"scenarios": rows}, by, NOW)
        assert published(Scenario.objects.get(code="talk")).nodes["end"].result == "other"


class TestComparing:
    def test_tells_steps_and_the_places_in_them(self):
        old = document(GREETING, ASK, END)
        way = {"code": "other", "to": "hello", "label": {"en": "Again"}}
        new = document({**GREETING, "ways": [way, *GREETING["ways"]]}, END, {"id": "late", "kind": "end"})

        assert compare(old, old) == []
        assert compare(old, new) == [
            Difference("hello", "changed", (("ways.other", "", "other, hello, Again"),)),
            Difference("late", "added"),
            Difference("ask", "removed"),
        ]
