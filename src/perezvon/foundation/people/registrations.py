from django.utils.translation import gettext_noop as _

from perezvon.foundation.access import declare
from perezvon.foundation.access.rights import SYSTEM


def register() -> None:
    declare("people.manage", _("Add users and change their rights"), roles=(SYSTEM,))
