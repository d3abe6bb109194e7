from django.utils.translation import gettext_noop as _

from perezvon.foundation.access import declare
from perezvon.foundation.access.rights import INFORMATION, SUPERVISOR, SYSTEM


def register() -> None:
    declare("people.manage", _("Add users and change their rights"), roles=(SYSTEM,))
    declare("people.roles", _("Change what roles may do and how they sign in"), roles=(SYSTEM,))
    declare("people.grant_any", _("Give rights that one does not have oneself"), roles=(SYSTEM,))
    declare("people.projects", _("Add and change projects"), roles=(INFORMATION, SYSTEM))
    declare("people.explain", _("Ask why somebody may or may not do something"), roles=(SUPERVISOR, SYSTEM))
    declare("people.impersonate", _("Act in another person's name"), roles=(SYSTEM,))
