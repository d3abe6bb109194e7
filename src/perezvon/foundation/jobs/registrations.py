from django.utils.translation import gettext_noop as _

from perezvon.foundation.access import declare
from perezvon.foundation.access.rights import ROLES


def register() -> None:
    declare("jobs.follow_own", _("Follow and cancel one's own long jobs"), roles=ROLES)
