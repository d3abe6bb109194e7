from django.utils.translation import gettext_lazy as lazy
from django.utils.translation import gettext_noop as _

from perezvon.foundation.access import declare
from perezvon.foundation.access.rights import INFORMATION, SUPERVISOR
from perezvon.foundation.web.places import Place, register_place


def register() -> None:
    register_place(Place(lazy("Monitor"), "eye", "supervision:floor", "supervision.watch", 75))
    declare("supervision.watch", _("See queues and operators as they are now"), roles=(SUPERVISOR,))
    declare("supervision.set_up", _("Set the thresholds of the monitor"), roles=(SUPERVISOR, INFORMATION))
