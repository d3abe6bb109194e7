from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from urllib.parse import urlencode
from uuid import UUID

from django.urls import reverse
from django.utils.translation import gettext_lazy as lazy
from django.utils.translation import gettext_noop as _

from perezvon.foundation.access import Actor, declare
from perezvon.foundation.access.rights import EXTENDED, INFORMATION, OPERATOR, SUPERVISOR
from perezvon.foundation.administration.registry import AdminPage, register_admin_page
from perezvon.foundation.administration.registry import Section as AdminSection
from perezvon.foundation.fields.registry import RecordKind, register_record_kind
from perezvon.foundation.files.registry import FileOwner, register_file_owner
from perezvon.foundation.jobs.services import register_job
from perezvon.foundation.lists.custom import custom_columns
from perezvon.foundation.lists.declare import register_columns, register_list
from perezvon.foundation.notices.registry import register_notice
from perezvon.foundation.personal.registry import register_holder
from perezvon.foundation.search.finders import Action, Finder, register_action, register_finder
from perezvon.foundation.search.registry import Entry, SearchKind, declare_kind
from perezvon.foundation.web.places import Place, register_place
from perezvon.modules.cases import documents, scripted
from perezvon.modules.cases.known import case_occasion, open_cases, solved_cases
from perezvon.modules.cases.lists import Cases, RuleRuns
from perezvon.modules.cases.models import Case
from perezvon.modules.cases.personal import holder
from perezvon.modules.cases.sections import ICON, hits, of_tasks, section, timeline
from perezvon.modules.cases.selectors import (
    ASSIGN,
    KIND,
    REGISTER,
    SET_UP,
    VIEW,
    WORK,
    contact_case_lines,
    get_case,
    standings,
)
from perezvon.modules.cases.selectors.kinds import all_kinds
from perezvon.modules.cases.services import (
    RECKON,
    RUN_BY_HAND,
    TELL_ALL,
    entries_for_search,
    hand_over_cases_of,
    reckon_all,
    register_actions,
    run_by_hand,
    tell_all,
)
from perezvon.modules.cases.web.words import notice_words
from perezvon.modules.customers.registry import register_section, register_standings
from perezvon.modules.interactions.registry import register_entries, register_outcomes
from perezvon.modules.knowledge.registry import register_neighbour, register_occasion, register_operation
from perezvon.modules.tasks.registry import SubjectKind, register_subject_kind, register_work

_SERVING = (OPERATOR, EXTENDED, SUPERVISOR)


def register() -> None:
    register_notice("case", ICON, notice_words)
    declare(VIEW, _("See cases"), roles=(*_SERVING, INFORMATION), narrows=True)
    declare(REGISTER, _("Register cases"), roles=_SERVING)
    declare(WORK, _("Work on cases: comments, steps, letters"), roles=_SERVING)
    declare(ASSIGN, _("Give cases out and take them away"), roles=(EXTENDED, SUPERVISOR))
    declare("cases.report", _("See reports on cases"), roles=(SUPERVISOR,))
    declare(SET_UP, _("Set up kinds of cases and macros"), roles=(INFORMATION,))
    register_holder(holder())
    documents.register()
    register_section(section())
    register_entries(timeline)
    register_standings(standings)
    register_outcomes(contact_case_lines)
    register_occasion(case_occasion())
    register_operation(open_cases())
    register_neighbour(solved_cases())
    register_work(KIND, _hand_over)
    register_subject_kind(SubjectKind(KIND, lazy("Cases"), of_tasks))
    register_record_kind(
        RecordKind(
            KIND,
            Case,
            lazy("Cases"),
            variants=lambda: [(one.code, str(one)) for one in all_kinds()],
            variant_of=lambda case: str(case.kind.code),
            order=40,
            has_files=True,
        )
    )
    register_file_owner(FileOwner(KIND, lambda key, by: get_case(key, by=by), _url, str))
    register_job(RECKON, reckon_all)
    register_job(TELL_ALL, tell_all)
    register_job(RUN_BY_HAND, run_by_hand)
    register_actions()
    scripted.register_actions()
    register_list(Cases())
    register_list(RuleRuns())
    register_columns(Cases.code, custom_columns(KIND))
    declare_kind(SearchKind(KIND, _keys, _entries))
    register_finder(Finder(KIND, lazy("Cases"), VIEW, hits, _all_url))
    register_action(Action(lazy("Register a case"), lambda: reverse("cases:new"), "plus", REGISTER))
    register_place(Place(lazy("Cases"), ICON, "cases:overview", VIEW, 34))
    register_admin_page(
        AdminPage(
            AdminSection.CALLS,
            lazy("Kinds of cases"),
            lazy("Orders, complaints and the like: their states, the steps between them, categories, macros."),
            ICON,
            "cases:kinds",
            SET_UP,
            40,
        )
    )
    register_admin_page(
        AdminPage(
            AdminSection.CALLS,
            lazy("Terms of cases"),
            lazy("Until when cases are answered and solved, who is warned, and what is done after a breach."),
            "clock",
            "cases:terms",
            SET_UP,
            42,
        )
    )
    register_admin_page(
        AdminPage(
            AdminSection.CALLS,
            lazy("Rules of cases"),
            lazy("What is done by itself when something happens to a case, and what was done."),
            "settings",
            "cases:rules",
            SET_UP,
            44,
        )
    )


def _hand_over(from_id: int, to_id: int | None, by: Actor, now: datetime) -> int:
    return hand_over_cases_of(from_id=from_id, to_id=to_id, by=by, now=now) if by.may(ASSIGN) else 0


def _url(key: UUID) -> str:
    return reverse("cases:case", args=[key])


def _all_url(text: str) -> str:
    return f"{reverse('cases:list')}?{urlencode({'q': text})}"


def _keys() -> Iterator[UUID]:
    return Case.objects.order_by("id").values_list("pk", flat=True).iterator()


def _entries(keys: Sequence[UUID]) -> list[Entry]:
    return entries_for_search(Case.objects.filter(pk__in=keys).order_by("id"))
