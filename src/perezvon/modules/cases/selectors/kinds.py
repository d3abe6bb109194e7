"""Reading what an administrator has set up."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Q, QuerySet

from perezvon.foundation.access import Actor, Person
from perezvon.foundation.people.models import User
from perezvon.kernel.errors import NotFound
from perezvon.modules.cases import flow
from perezvon.modules.cases.flow import Place, Stage, Step
from perezvon.modules.cases.models import CaseCategory, CaseKind, CaseMacro, CaseRule, CaseState, CaseStep
from perezvon.modules.catalogue.models import Product
from perezvon.modules.catalogue.selectors import in_term


class NoSuchCaseKind(NotFound):
    """A kind, or a state, step, category or macro of one."""

    code = "cases.no_such_kind"


@dataclass(frozen=True, slots=True)
class Flow:
    """The states of a kind by key, in order, and its steps."""

    states: dict[int, CaseState]
    rows: tuple[CaseStep, ...]

    @property
    def places(self) -> list[Place]:
        return [Place(one.pk, Stage(one.stage)) for one in self.states.values() if one.is_active]

    @property
    def steps(self) -> list[Step]:
        """Those that lead to a state in use."""
        return [
            Step(one.pk, one.source_id, one.target_id, frozenset(one.roles), tuple(one.requires))
            for one in self.rows
            if self.states[one.target_id].is_active
        ]

    def row(self, key: int) -> CaseStep:
        return next(one for one in self.rows if one.pk == key)


def flow_of(kind_id: int) -> Flow:
    """Two queries."""
    states = {one.pk: one for one in CaseState.objects.filter(kind=kind_id).order_by("position", "id")}
    return Flow(states, tuple(CaseStep.objects.filter(kind=kind_id).order_by("position", "id")))


def all_kinds() -> QuerySet[CaseKind]:
    """Those withdrawn too, for whoever sets them up."""
    return CaseKind.objects.select_related("project", "team").order_by("position", "id")


def get_kind(kind_id: int, *, by: Actor) -> CaseKind:
    """In use or not, of a project that the actor sees or of all. Raises NoSuchCaseKind."""
    kind = all_kinds().filter(pk=kind_id).first()
    if kind is None or (kind.project_id is not None and not by.sees_project(kind.project_id)):
        raise NoSuchCaseKind(kind=kind_id)
    return kind


def kinds_for(project_id: int) -> list[CaseKind]:
    """What may be registered in a project: kinds in use in which a case can begin. One query."""
    begun = CaseState.objects.filter(stage=Stage.OPEN, is_active=True).values("kind")
    mine = all_kinds().filter(Q(project=None) | Q(project=project_id), is_active=True, pk__in=begun)
    return list(mine)


@dataclass(frozen=True, slots=True)
class CategoryRow:
    category: CaseCategory
    depth: int
    path: str


def category_rows(kind_id: int, *, with_withdrawn: bool = False) -> list[CategoryRow]:
    """The categories of a kind in the order of their tree. A withdrawn one takes those below it along. One query."""
    below: dict[int | None, list[CaseCategory]] = {}
    for one in CaseCategory.objects.filter(kind=kind_id).order_by("position", "id"):
        if one.is_active or with_withdrawn:
            below.setdefault(one.parent_id, []).append(one)
    return list(_walk(below, None, 0, ""))


def _walk(
    below: dict[int | None, list[CaseCategory]], parent: int | None, depth: int, above: str
) -> Iterable[CategoryRow]:
    for one in below.get(parent, []):
        path = f"{above} › {one}" if above else str(one)
        yield CategoryRow(one, depth, path)
        yield from _walk(below, one.pk, depth + 1, path)


def macros_for(kind_id: int) -> list[CaseMacro]:
    """Those in use for cases of a kind. One query."""
    return list(CaseMacro.objects.filter(Q(kind=None) | Q(kind=kind_id), is_active=True).order_by("position", "id"))


def products_for(project_id: int, now: datetime) -> list[Product]:
    """What a case of a project may be about. One query."""
    mine = Product.objects.filter(Q(project=None) | Q(project=project_id), kind__is_active=True)
    return list(in_term(mine, now.date()).select_related("kind"))


def people_for(project_id: int, *, right: str) -> list[User]:
    """Who may be made responsible for a case of a project. One query."""
    may = User.objects.filter(is_active=True, role__rights__contains=[right])
    mine = User.projects.through.objects.filter(project=project_id).values("user")
    return list(may.filter(Q(role__all_projects=True) | Q(pk__in=mine)).order_by("last_name", "first_name", "id"))


def steps_open(found: Flow, state_id: int, by: Actor) -> list[Step]:
    """The steps that the actor may take from a state; the system takes all."""
    return flow.steps_for(found.steps, state_id, by.role if isinstance(by, Person) else "")


def list_rules(*, by: Actor) -> QuerySet[CaseRule]:
    """Those of the projects that he sees, in their order; those of all projects for who sees all."""
    rules = CaseRule.objects.select_related("project").order_by("position", "id")
    return rules if by.projects is None else rules.filter(project__in=by.projects)


def get_rule(rule_id: int, *, by: Actor, lock: bool = False) -> CaseRule:
    """Raises NoSuchCaseKind, also for a rule of projects that he does not see. lock: held for this transaction."""
    rules = list_rules(by=by)
    rule = (rules.select_for_update(of=("self",), no_key=True) if lock else rules).filter(pk=rule_id).first()
    if rule is None:
        raise NoSuchCaseKind(rule=rule_id)
    return rule
