from django.utils.translation import gettext_lazy as lazy
from django.utils.translation import gettext_noop as _

from perezvon.foundation.access import declare
from perezvon.foundation.access.rights import INFORMATION, SUPERVISOR
from perezvon.foundation.web.places import Place, register_place


def register() -> None:
    register_place(Place(lazy("Reports"), "chart-bar", "reporting:calls", "reporting.view", 80))
    declare("reporting.view", _("Read reports"), roles=(SUPERVISOR, INFORMATION))
