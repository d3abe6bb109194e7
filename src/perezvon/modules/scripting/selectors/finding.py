"""Scenarios among what the knowledge base finds (F12.09)."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

from django.conf import settings
from django.db import connection
from django.urls import reverse
from django.utils.translation import gettext_lazy as lazy

from perezvon.foundation.access import Person
from perezvon.modules.knowledge.registry import Line, Neighbour
from perezvon.modules.knowledge.selectors import CONFIG, stems_of
from perezvon.modules.scripting.models import Form, Scenario
from perezvon.modules.scripting.selectors.definitions import MANAGE, RUN, list_offered

_WORDS = """
SELECT tsvector_to_array(to_tsvector(%s, coalesce(string_agg(said #>> '{}', ' '), '')))
FROM scripting_scenarioversion version, unnest(%s::jsonpath[]) texts, jsonb_path_query(version.document, texts) said
WHERE version.id = %s
"""


def scenarios_beside() -> Neighbour:
    return Neighbour("scenarios", lazy("Scenarios"), RUN, _lines)


def _lines(text: str, by: Person, limit: int) -> Sequence[Line]:
    """Those that he may run whose name or words have all that was asked for; by name first.

    One query for each that was published since it was last asked.
    """
    asked = set(stems_of(text))
    if not asked:
        return []
    known = {one: set(stems_of(" ".join(one.name.values()))) for one in list_offered(by=by)}
    fitting = [one for one, name in known.items() if asked <= name | _words(one.current_id)]
    fitting.sort(key=lambda one: not asked <= known[one])
    return [_line(one, by) for one in fitting[:limit]]


@lru_cache(maxsize=500)
def _words(version_id: int) -> frozenset[str]:
    """Of all that one version says, in every language; it never changes."""
    with connection.cursor() as cursor:
        cursor.execute(_WORDS, [CONFIG, [f"$.**.{code}" for code, _name in settings.LANGUAGES], version_id])
        return frozenset(cursor.fetchone()[0])


def _line(scenario: Scenario, by: Person) -> Line:
    page = "builder" if scenario.form == Form.QUESTIONNAIRE else "designer"
    url = reverse(f"scripting:{page}", args=[scenario.pk]) if by.may(MANAGE) else ""
    return Line(str(scenario), str(scenario.get_form_display()), url)
