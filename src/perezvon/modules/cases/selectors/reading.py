"""Reading cases. Everything a person sees of them comes from here, cut to what he may see."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from datetime import datetime, timedelta
from uuid import UUID

from django.db.models import Count, Q, QuerySet

from perezvon.foundation.access import Actor, Person, Scope
from perezvon.foundation.people.models import User
from perezvon.foundation.search.selectors import Found, Guess, find
from perezvon.kernel.errors import NotFound
from perezvon.modules.cases.models import Approval, Case, CaseEntry, CaseFollower, CaseLink, Looker, Stage
from perezvon.modules.customers.registry import Standing
from perezvon.modules.customers.selectors import Asked as CustomersAsked
from perezvon.modules.customers.selectors import search_keys
from perezvon.modules.knowledge.selectors import stems_of

VIEW, REGISTER, WORK, ASSIGN, SET_UP = "cases.view", "cases.register", "cases.work", "cases.assign", "cases.set_up"
KIND = "case"  # the kind of records that cases are
UNDER_WAY = (Stage.OPEN, Stage.PAUSED)
MOST = 50
LOOKS_FOR = timedelta(seconds=45)
_LONGEST_NUMBER = 12
_CUSTOMERS_SEARCHED = 100
_LIKE = 500


class NoSuchCase(NotFound):
    code = "cases.no_such_case"


def visible(by: Actor) -> QuerySet[Case]:
    """Cases of the projects the actor sees, or of these his own or his team's where his role narrows it."""
    by.must(VIEW)
    cases = Case.objects.select_related("kind", "state", "customer", "project", "person", "team", "category", "product")
    return narrowed(cases, by)


def narrowed(cases: QuerySet[Case], by: Actor) -> QuerySet[Case]:
    """His own: those that he is responsible for, registered or follows; his team's: theirs too, and the team's own."""
    if by.projects is not None:
        cases = cases.filter(project__in=by.projects)
    if not isinstance(by, Person) or (scope := by.scope_of(VIEW)) == Scope.PROJECT:
        return cases
    followed = CaseFollower.objects.filter(user=by.id).values("case")
    mine = Q(person=by.id) | Q(registered_by=by.id) | Q(pk__in=followed)
    if scope == Scope.TEAM and by.team_id is not None:
        people = list(User.objects.filter(team=by.team_id).values_list("pk", flat=True))
        mine |= Q(team=by.team_id) | Q(person__in=people)
    return cases.filter(mine)


def get_case(case_id: UUID, *, by: Actor) -> Case:
    """Raises NoSuchCase, also when the actor may not know of it. One query."""
    found = visible(by).select_related("topic", "parent__kind", "merged_into__kind", "contact", "registered_by")
    case = found.filter(pk=case_id).first()
    if case is None:
        raise NoSuchCase(case=case_id)
    return case


def find_by_number(text: str, *, by: Actor) -> list[Case]:
    """The case whose number somebody typed, with or without its prefix. One query, or none."""
    typed = text.strip().lstrip("\u2116#").strip()
    digits = typed.rpartition("-")[2].lstrip("0") if "-" in typed else typed.lstrip("0")
    if not digits.isascii() or not digits.isdigit() or len(digits) > _LONGEST_NUMBER:
        return []
    return list(visible(by).filter(number=int(digits)))


def search_cases(text: str, *, by: Actor, limit: int) -> Found:
    """By number, by words of the subject, by their customer; newest first (F09.03)."""
    wanted = Q(pk__in=[one.pk for one in find_by_number(text, by=by)])
    words = find(KIND, text, projects=by.projects, limit=limit) if text.strip() else None
    if words is not None:
        wanted |= Q(pk__in=words.keys)
    customers = search_keys(CustomersAsked(text=text), by=by, limit=_CUSTOMERS_SEARCHED) if text.strip() else None
    if customers is not None:
        wanted |= Q(customer__in=customers.keys)
    found = visible(by).filter(wanted).order_by("-created_at", "-id").values_list("pk", flat=True)
    keys = list(found[: limit + 1])
    return Found(tuple(keys[:limit]), min(len(keys), limit), len(keys) <= limit, words.guess if words else Guess.NONE)


def find_cases(text: str, *, by: Actor, limit: int) -> list[Case]:
    """The same as records, for the palette."""
    keys = [str(key) for key in search_cases(text, by=by, limit=limit).keys]
    return list(visible(by).filter(pk__in=keys).order_by("-created_at", "-id"))


def solved_like(text: str, *, by: Actor, limit: int) -> list[Case]:
    """Cases that are over with these words, in any of their forms, in the subject; the latest first (F12.09)."""
    words = stems_of(text)
    if not words:
        return []
    keys = find(KIND, " ".join(words), projects=by.projects, limit=_LIKE).keys
    over = visible(by).filter(pk__in=keys, stage__in=(Stage.SOLVED, Stage.CLOSED), merged_into=None)
    return list(over.order_by("-over_at", "-id")[:limit]) if keys else []


def cases_of(customer_ids: Collection[UUID], *, by: Actor, limit: int = MOST) -> list[Case]:
    """A customer's cases: those under way first, then the latest (F09.24). One query."""
    found = visible(by).filter(customer__in=customer_ids, merged_into=None)
    under_way = Q(stage__in=UNDER_WAY)
    open_first = found.filter(under_way).order_by("-created_at", "-id")[:limit]
    rest = found.exclude(under_way).order_by("-created_at", "-id")[:limit]
    return [*open_first, *rest][:limit]


def open_cases_of(customer_id: UUID, *, by: Actor, limit: int = MOST) -> list[Case]:
    """Those under way. One query, none for who may not see cases."""
    if not by.may(VIEW):
        return []
    found = visible(by).filter(customer=customer_id, merged_into=None, stage__in=UNDER_WAY)
    return list(found.order_by("-created_at", "-id")[:limit])


def cases_of_contact(contact_id: UUID, *, by: Actor) -> list[Case]:
    """Those registered in a contact or linked to it. One query."""
    linked = CaseEntry.objects.filter(contact=contact_id).values("case")
    return list(visible(by).filter(Q(contact=contact_id) | Q(pk__in=linked)).order_by("created_at", "id")[:MOST])


def contacts_of(case: Case) -> set[UUID]:
    """Those that it was registered in, or that were linked to it later. One query."""
    linked = CaseEntry.objects.filter(case=case).exclude(contact=None).values_list("contact_id", flat=True)
    return {*linked} | ({case.contact_id} if case.contact_id else set())


def standings(customers: Collection[UUID]) -> dict[UUID, Standing]:
    """Of several customers: is there a case under way. One query."""
    rows = Case.objects.filter(customer__in=list(customers), stage__in=UNDER_WAY).order_by()
    counted = rows.values("customer_id").annotate(n=Count("id"))
    return {row["customer_id"]: Standing(has_open=True) for row in counted}


def entries_of(case: Case, *, limit: int = 300) -> list[CaseEntry]:
    """What happened, newest first, for whoever sees the case. One query."""
    found = CaseEntry.objects.filter(case=case).select_related("by", "contact", "topic", "category")
    return list(found.order_by("-at", "-id")[:limit])


def last_public(case_ids: Iterable[UUID]) -> Mapping[UUID, CaseEntry]:
    """What was last told to the customer, by case. One query."""
    found = CaseEntry.objects.filter(case__in=list(case_ids), is_public=True).exclude(text="")
    return {entry.case_id: entry for entry in found.order_by("at", "id")}


def linked_to(case: Case, *, by: Actor) -> list[Case]:
    """Cases that have to do with it and that the actor sees, its parts apart. Two queries."""
    pairs = CaseLink.objects.filter(Q(one=case) | Q(other=case)).values_list("one", "other")
    keys = {key for pair in pairs for key in pair} - {case.pk}
    return list(visible(by).filter(pk__in=keys).order_by("-created_at", "-id")) if keys else []


def children_of(case: Case, *, by: Actor, limit: int = MOST) -> list[Case]:
    return list(visible(by).filter(parent=case, merged_into=None).order_by("-created_at", "-id")[:limit])


def approvals_for(by: Person) -> list[Approval]:
    """What waits for his word. One query."""
    asked = Approval.objects.filter(Q(asked=by.id) | Q(asked=None, role=by.role), answer=Approval.Answer.WAITING)
    seen = asked.filter(case__in=visible(by).values("pk"))
    return list(seen.select_related("case__kind", "by").order_by("at", "id")[:MOST])


def lookers_at(case: Case, *, now: datetime, but: int | None) -> list[Looker]:
    """Who else has it open now, those who edit first. One query."""
    found = Looker.objects.filter(case=case, seen_at__gt=now - LOOKS_FOR).exclude(user=but)
    return list(found.select_related("user").order_by("-edits", "user"))


def count_mine(by: Person) -> int:
    """How many wait for him. One query."""
    return visible(by).filter(person=by.id, stage=Stage.OPEN).count()
