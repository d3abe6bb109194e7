from __future__ import annotations

from django.utils.translation import gettext_lazy as lazy
from django.utils.translation import gettext_noop as _

from perezvon.foundation.access import declare
from perezvon.foundation.access.rights import EXTENDED, INFORMATION, OPERATOR, SUPERVISOR, SYSTEM
from perezvon.foundation.administration.registry import AdminPage, Section, register_admin_page
from perezvon.foundation.lists.declare import register_list
from perezvon.foundation.personal.registry import register_holder
from perezvon.modules.customers.registry import register_section
from perezvon.modules.interactions.registry import register_entries, register_findings
from perezvon.modules.knowledge.registry import register_neighbour, register_talks
from perezvon.modules.scripting.doing import register_actions
from perezvon.modules.scripting.facts import register_terms
from perezvon.modules.scripting.lists import Questionnaires, Scenarios
from perezvon.modules.scripting.personal import holder
from perezvon.modules.scripting.sections import sections, talks_about
from perezvon.modules.scripting.selectors import MANAGE, RUN, entries, findings, scenarios_beside


def register() -> None:
    declare(MANAGE, _("Draw and publish scenarios"), roles=(SUPERVISOR, INFORMATION, SYSTEM))
    declare(RUN, _("Work by scenarios"), roles=(OPERATOR, EXTENDED, SUPERVISOR))
    register_list(Scenarios())
    register_list(Questionnaires())
    register_admin_page(
        AdminPage(
            Section.CALLS,
            lazy("Scenarios"),
            lazy("What operators say, ask and do, step by step: drawn, checked, tried out and published."),
            "list-tree",
            "scripting:scenarios",
            MANAGE,
            30,
        )
    )
    for section in sections():
        register_section(section)
    register_admin_page(
        AdminPage(
            Section.CALLS,
            lazy("Questionnaires"),
            lazy("Questions in their order, with options, scores and branches; what was answered."),
            "checklist",
            "scripting:questionnaires",
            MANAGE,
            31,
        )
    )
    register_holder(holder())
    register_terms()
    register_actions()
    register_entries(entries)
    register_findings(findings)
    register_talks(talks_about)
    register_neighbour(scenarios_beside())
