from django.utils.translation import gettext_noop as _

from perezvon.foundation.access import declare
from perezvon.foundation.access.rights import EXTENDED, INFORMATION, OPERATOR, SUPERVISOR, SYSTEM


def register() -> None:
    declare("routing.set_own_presence", _("Change one's own state"), roles=(OPERATOR, EXTENDED, SUPERVISOR))
    declare("routing.set_presence", _("Change the state of others"), roles=(SUPERVISOR,))
    declare("routing.configure", _("Set up queues and skills"), roles=(INFORMATION, SYSTEM))
