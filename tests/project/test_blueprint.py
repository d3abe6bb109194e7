"""Roles, teams and groups as a file: written out, compared, loaded again."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
import yaml

from perezvon.foundation.commands.models import CommandRecord
from perezvon.foundation.people.models import Group, Project, Role, Team
from perezvon.modules.interactions.models import Result
from perezvon.modules.routing.models import Agent, Queue
from perezvon.modules.telephony.models import Line
from perezvon.modules.topics.models import Topic
from perezvon.project import blueprint
from perezvon.project.users import WrongInput

NOW = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)

pytestmark = pytest.mark.django_db


def load(**parts) -> None:
    blueprint.load(parts, now=NOW)


class TestExport:
    def test_loads_into_the_same(self, capsys):
        blueprint.load(blueprint.read("bank"), now=NOW)
        night = {"name": {"en": "Night"}, "rights": ["telephony.use"], "sign_in": "code", "trusted_days": 7}
        load(roles={"night": night})
        operator = Role.objects.get(code="operator")
        changed = sorted({*operator.rights, "reporting.view"} - {"telephony.use"})
        Role.objects.filter(pk=operator.pk).update(rights=changed)
        blueprint.run(["export"])
        written = yaml.safe_load(capsys.readouterr().out)

        Role.objects.filter(code="operator").update(rights=operator.rights)
        Role.objects.filter(code="night").delete()
        Team.objects.filter(code="line1").update(name={"en": "Another"})
        assert blueprint.export() != written
        blueprint.load(written, now=NOW)

        assert blueprint.export() == written
        assert written["roles"]["operator"]["more"] == ["reporting.view"]
        assert written["roles"]["operator"]["less"] == ["telephony.use"]

    def test_tells_queues_lines_topics_and_results_as_well(self):
        blueprint.load(blueprint.read("bank"), now=NOW)
        written = blueprint.export()
        Queue.objects.filter(code="loans").update(ring_s=7)
        Line.objects.filter(address="loans").update(record=False, shown="")
        Topic.objects.filter(parent=None).update(position=9, is_active=False)
        Result.objects.update(requires=["comment"], is_active=False)
        Project.objects.filter(code="loans").update(zone="Asia/Omsk", settings={})
        changed = blueprint.export()

        blueprint.load(written, now=NOW)

        parts = {"projects", "queues", "lines", "topics", "results"}
        assert {key for key in written if changed[key] != written[key]} == parts
        assert blueprint.export() == written

    @pytest.mark.parametrize("name", blueprint.shipped())
    def test_of_a_shipped_one_loads_into_an_empty_system(self, name):
        blueprint.load(blueprint.read(name), now=NOW)
        written = blueprint.export()
        Topic.objects.update(parent=None)
        for model in (Line, Agent, Queue, Result, Topic):
            model.objects.all().delete()

        blueprint.load(written, now=NOW)

        assert blueprint.export() == written

    def test_leaves_to_a_shipped_role_what_a_new_version_brings(self):
        """It tells differences, so a right that is declared later reaches the role."""
        load(roles={"operator": {"more": ["reporting.view"]}})
        rights = set(Role.objects.get(code="operator").rights)
        load(roles={"operator": {"more": ["reporting.view"], "less": []}})
        assert set(Role.objects.get(code="operator").rights) == rights
        assert "telephony.use" in rights


class TestDiff:
    def test_tells_what_would_change_and_changes_nothing(self, tmp_path, capsys):
        blueprint.load(blueprint.read("bank"), now=NOW)
        commands = CommandRecord.objects.count()
        file = tmp_path / "mine.yaml"
        file.write_text(yaml.safe_dump({"groups": [{"code": "vkc", "name": {"en": "Another"}}]}))

        blueprint.run(["diff", str(file)])

        told = capsys.readouterr().out
        assert "+    en: Another" in told
        assert "-    en: Virtual contact centre" in told
        assert Group.objects.get(code="vkc").name["en"] == "Virtual contact centre"
        assert CommandRecord.objects.count() == commands

    def test_is_empty_when_nothing_would(self, capsys):
        blueprint.load(blueprint.read("bank"), now=NOW)
        blueprint.run(["diff", "bank"])
        assert capsys.readouterr().out == ""


class TestBank:
    @pytest.mark.feature("F28.05", partly="results and functions that ask for the group: campaigns")
    def test_has_the_groups_of_its_staff(self):
        blueprint.load(blueprint.read("bank"), now=NOW)
        assert set(Group.objects.values_list("code", flat=True)) == {"vkc", "fk", "mpp", "msb", "control", "office"}
        assert [user.login for user in Group.objects.get(code="vkc").users.all()] == ["demin"]

    @pytest.mark.feature("X.27")
    def test_signs_in_by_digits_only_when_asked_and_with_a_warning(self, capsys):
        wanted = blueprint._with_variant(blueprint.read("bank"), "digits")
        blueprint.load(blueprint.read("bank"), now=NOW)
        assert not Role.objects.filter(sign_in="digits").exists()

        blueprint.load(wanted, now=NOW)

        assert set(Role.objects.filter(sign_in="digits").values_list("code", flat=True)) == {
            "operator",
            "extended_operator",
            "supervisor",
        }
        assert "asks for no secret" in capsys.readouterr().err

    def test_knows_no_other_variant(self):
        with pytest.raises(WrongInput, match="no variant"):
            blueprint._with_variant(blueprint.read("bank"), "biometry")
