"""What was answered to a questionnaire: the page, and the same as a file."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import urlencode
from uuid import UUID

from django.http import HttpRequest, HttpResponse, QueryDict
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import get_language, ngettext, pgettext
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from perezvon.foundation import clock
from perezvon.foundation.lists.exports import made
from perezvon.foundation.lists.tables import TYPES, Table, table_bytes
from perezvon.foundation.people.models import Project
from perezvon.foundation.people.selectors import list_projects
from perezvon.foundation.web.guard import needs, person_of
from perezvon.foundation.web.render import render_page
from perezvon.modules.scripting import services
from perezvon.modules.scripting.models import ScenarioVersion
from perezvon.modules.scripting.selectors import MANAGE, STEPS, Answers, Wanted, answers_of, get_scenario, versions_of
from perezvon.modules.scripting.selectors.insight import PERIODS
from perezvon.modules.scripting.web.questions import steps_to

_USUAL, _LONGEST_KEY = 30, 18


@dataclass(frozen=True, slots=True)
class Asked:
    """version: None before anything was published."""

    version: ScenarioVersion | None
    wanted: Wanted

    @property
    def query(self) -> str:
        return urlencode(
            {
                "version": self.version.number if self.version else "",
                "days": self.wanted.days,
                "project": self.wanted.project or "",
                "person": self.wanted.person or "",
                "step": self.wanted.step,
            }
        )


def _read(asked: QueryDict, versions: Sequence[ScenarioVersion], projects: Sequence[Project]) -> Asked:
    """What cannot be read is as if it were not asked."""
    newest = versions[0] if versions else None
    version = next((one for one in versions if str(one.number) == asked.get("version")), newest)
    days, person, step = asked.get("days", ""), asked.get("person", ""), asked.get("step", "")
    wanted = Wanted(
        days=int(days) if days in {str(one) for one in PERIODS} else _USUAL,
        project=next((one.pk for one in projects if str(one.pk) == asked.get("project")), None),
        person=int(person) if person.isdecimal() and len(person) <= _LONGEST_KEY else None,
        step=step if step in STEPS else "day",
    )
    return Asked(version, wanted)


@needs(MANAGE)
@require_GET
def answers(request: HttpRequest, scenario_id: UUID) -> HttpResponse:
    """What was answered to one version: per question, over the time, and the conversations in their order."""
    by, now = person_of(request), clock.now()
    scenario = get_scenario(scenario_id, by=by)
    versions, projects = versions_of(scenario), list_projects(by=by)
    asked = _read(request.GET, versions, projects)
    wanted, language = asked.wanted, get_language() or "ru"
    seen = answers_of(asked.version, wanted, by=by, now=now, language=language) if asked.version else None
    context = {
        "scenario": scenario,
        "seen": seen,
        "most": max((number for _first, number in seen.steps), default=0) if seen else 0,
        "version": str(asked.version.number) if asked.version else "",
        "versions": [(str(one.number), _("Version {number}").format(number=one.number)) for one in versions],
        "days": str(wanted.days),
        "periods": [(str(one), ngettext("{count} day", "{count} days", one).format(count=one)) for one in PERIODS],
        "project": str(wanted.project or ""),
        "projects": [("", _("All projects")), *((str(one.pk), str(one)) for one in projects)],
        "person": str(wanted.person or ""),
        "people": _people(seen),
        "step": wanted.step,
        "in_steps": [
            ("day", pgettext("report", "By day")),
            ("week", pgettext("report", "By week")),
            ("month", pgettext("report", "By month")),
        ],
        "exports": by.may("lists.export"),
        "query": asked.query,
        "steps": [
            *steps_to(str(scenario), reverse("scripting:builder", args=[scenario.pk])),
            {"label": _("Answers"), "url": ""},
        ],
        "now": now,
    }
    return render_page(request, "scripting/answers.html", context, part="workspace")


def _people(seen: Answers | None) -> list[tuple[str, str]]:
    leaders = seen.leaders if seen else ()
    return [("", _("Everybody")), *((str(one.pk), one.short_name) for one in leaders)]


@needs(MANAGE)
@require_GET
def export(request: HttpRequest, scenario_id: UUID, form: str) -> HttpResponse:
    """A row for each filling. form: csv or xlsx."""
    by, now = person_of(request), clock.now()
    scenario = get_scenario(scenario_id, by=by)
    asked = _read(request.GET, versions_of(scenario), list_projects(by=by))
    if asked.version is None:
        return HttpResponse(status=404)
    language = get_language() or "ru"
    heads, rows = services.export_answers(version=asked.version, wanted=asked.wanted, language=language, by=by, now=now)
    facts = [
        (_("Questionnaire"), str(scenario)),
        (_("Version"), str(asked.version.number)),
        (_("In the last"), ngettext("{count} day", "{count} days", asked.wanted.days).format(count=asked.wanted.days)),
        *made(by.name, now),
    ]
    content = table_bytes(form, Table(heads, rows, facts))
    name = f"{scenario.code}_{timezone.localtime(now):%Y%m%d_%H%M}.{form}"
    return HttpResponse(
        content,
        content_type=TYPES[form],
        headers={"Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "private, no-store"},
    )
