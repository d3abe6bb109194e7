"""The call report put together: the same values for the page and for the spreadsheet."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from perezvon.foundation.access import Actor
from perezvon.foundation.people.models import Project
from perezvon.modules.reporting.figures import percent
from perezvon.modules.reporting.filters import Asked
from perezvon.modules.reporting.selectors import (
    CallFigures,
    DimensionFigures,
    TopicFigures,
    get_call_figures,
    get_dimension_figures,
    get_topic_figures,
)


@dataclass(frozen=True, slots=True)
class CallReport:
    """made_at: how fresh it is."""

    asked: Asked
    calls: CallFigures
    topics: TopicFigures
    dimensions: tuple[DimensionFigures, ...]
    made_at: datetime

    @property
    def registered_percent(self) -> int | None:
        """Share of calls whose topic was registered (F18.06)."""
        return percent(self.topics.registered.count, self.calls.total.total)


def make_report(asked: Asked, *, projects: list[Project], by: Actor, now: datetime) -> CallReport:
    """Eight queries."""
    names = {project.pk: str(project) for project in projects}
    calls = get_call_figures(asked, by=by)
    dimensions = get_dimension_figures(asked, projects=projects, calls=calls.total.total)
    return CallReport(asked, calls, get_topic_figures(asked, names=names), dimensions, now)
