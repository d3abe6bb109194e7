from django.utils.translation import gettext_lazy as lazy
from django.utils.translation import gettext_noop as _

from perezvon.foundation.access import Actor, Subject, declare, register_subject
from perezvon.foundation.access.rights import INFORMATION, SUPERVISOR, SYSTEM
from perezvon.foundation.people.selectors import list_projects


def register() -> None:
    declare("people.manage", _("Add users and change their rights"), roles=(SYSTEM,))
    declare("people.roles", _("Change what roles may do and how they sign in"), roles=(SYSTEM,))
    declare("people.grant_any", _("Give rights that one does not have oneself"), roles=(SYSTEM,))
    declare("people.projects", _("Add and change projects"), roles=(INFORMATION, SYSTEM))
    declare("people.explain", _("Ask why somebody may or may not do something"), roles=(SUPERVISOR, SYSTEM))
    declare("people.impersonate", _("Act in another person's name"), roles=(SYSTEM,))
    register_subject(
        Subject("project", lazy("Project"), lazy("code, for example: loans"), _find_project, _sees_project)
    )


def _find_project(text: str, by: Actor) -> tuple[str, str] | None:
    found = next(
        (one for one in list_projects(by=by) if text.casefold() in {one.code.casefold(), str(one.number)}), None
    )
    return (str(found.pk), str(found)) if found else None


def _sees_project(actor: Actor, key: str) -> bool:
    return actor.sees_project(int(key))
