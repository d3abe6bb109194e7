from __future__ import annotations

from collections.abc import Sequence

from django.db.models import Count, Q, QuerySet

from perezvon.foundation.access import Actor, Right, declared
from perezvon.foundation.people.models import Group, Photo, Project, Role, Team, User
from perezvon.foundation.search.selectors import Found
from perezvon.kernel.errors import NotFound


def list_projects(*, by: Actor) -> list[Project]:
    """The projects that somebody sees, by their numbers. One query."""
    projects = Project.objects.order_by("number")
    return list(projects if by.projects is None else projects.filter(pk__in=by.projects))


def find_photo(user_id: int) -> Photo | None:
    return Photo.objects.filter(user=user_id).first()


def list_people(*, by: Actor) -> QuerySet[User]:
    """Users, unordered. Whoever does not see all projects sees the people of his own."""
    by.must("people.manage")
    return _visible(by)


def find_people(text: str, *, by: Actor, limit: int) -> Found:
    """People with each of the words in a name, the login or as extension, by surname."""
    people = list_people(by=by)
    for word in text.split()[:5]:
        people = people.filter(
            Q(last_name__icontains=word)
            | Q(first_name__icontains=word)
            | Q(middle_name__icontains=word)
            | Q(login__icontains=word)
            | Q(extension=word)
        )
    keys = tuple(people.order_by("last_name", "first_name", "id").values_list("pk", flat=True)[: limit + 1])
    return Found(keys[:limit], total=len(keys[:limit]), is_exact=len(keys) <= limit)


def get_person(user_id: int, *, by: Actor) -> User:
    """Raises NotFound, also for people whom the actor may not know."""
    user = _visible(by).select_related("role", "team").prefetch_related("projects", "groups").filter(pk=user_id).first()
    if user is None:
        raise NotFound(user=user_id)
    return user


def _visible(by: Actor) -> QuerySet[User]:
    people = User.objects.all()
    if by.projects is None:
        return people
    mine = User.projects.through.objects.filter(project__in=by.projects).values("user")
    return people.filter(Q(pk__in=mine) | Q(pk=by.user_id))


def people_to_ask_about(*, by: Actor) -> list[User]:
    """Everybody whom one may know, by surname: for a choice."""
    by.must("people.explain")
    return list(_visible(by).select_related("role").order_by("last_name", "first_name", "id"))


def people_of_audit(*, by: Actor) -> list[User]:
    """Everybody who may have done something, by surname."""
    by.must("administration.audit")
    return list(User.objects.order_by("last_name", "first_name", "id"))


def list_roles() -> list[Role]:
    """All roles with the number of active people in each: `people`."""
    return list(Role.objects.annotate(people=Count("users", filter=Q(users__is_active=True))).order_by("id"))


def list_teams() -> list[Team]:
    """All teams with the number of active people in each: `people`."""
    return list(Team.objects.annotate(people=Count("users", filter=Q(users__is_active=True))).order_by("code"))


def list_groups() -> list[Group]:
    """All groups with the number of active people in each: `people`."""
    return list(Group.objects.annotate(people=Count("users", filter=Q(users__is_active=True))).order_by("code"))


def get_role(role_id: int) -> Role:
    role = Role.objects.filter(pk=role_id).first()
    if role is None:
        raise NotFound(role=role_id)
    return role


def rights_by_module() -> dict[str, list[Right]]:
    """Every declared right, by the module that declares it."""
    found: dict[str, list[Right]] = {}
    for right in sorted(declared().values(), key=lambda one: one.code):
        found.setdefault(right.code.partition(".")[0], []).append(right)
    return found


def shipped_rights(role: Role) -> frozenset[str] | None:
    """What this role may in a new installation; None for a role of one's own."""
    rights = frozenset(right.code for right in declared().values() if role.code in right.roles)
    return rights or None


def names_of_people(keys: Sequence[int]) -> dict[int, str]:
    """Surname and initial by id."""
    return {user.pk: user.short_name for user in User.objects.filter(pk__in=keys)}
