"""Why somebody may or may not do something: asked of the actor and of the modules, as every click asks them."""

from __future__ import annotations

from dataclasses import dataclass

from perezvon.foundation.access import Person, Subject, declared
from perezvon.foundation.commands.services import REGISTER
from perezvon.foundation.people.models import Role, User


@dataclass(frozen=True, slots=True)
class Step:
    """One thing it rests on. code: "active", "role" or "seen"."""

    code: str
    is_met: bool


@dataclass(frozen=True, slots=True)
class Explanation:
    """steps: all of them have to be met. roles: those that have the right. commands: what the right opens."""

    steps: tuple[Step, ...]
    roles: tuple[Role, ...]
    commands: tuple[str, ...]

    @property
    def is_allowed(self) -> bool:
        return all(step.is_met for step in self.steps)


def explain(user: User, right: str, subject: Subject | None = None, key: str = "") -> Explanation:
    """Whether `user` may use `right`, with that record where one is named. Raises KeyError for an unknown right."""
    wanted = declared()[right].code
    actor = user.actor()
    steps = [Step("active", user.is_active), Step("role", wanted in user.role.rights and _may(actor, wanted, user))]
    if subject is not None:
        steps.append(Step("seen", subject.is_seen(actor, key)))
    roles = tuple(Role.objects.filter(rights__contains=[wanted]).order_by("id"))
    commands = tuple(sorted(name for name, info in REGISTER.items() if info.needs == wanted))
    return Explanation(tuple(steps), roles, commands)


def _may(actor: Person, right: str, user: User) -> bool:
    """A blocked user may nothing; that is told by itself, so the role is asked as if he were let in."""
    return actor.may(right) or not user.is_active
