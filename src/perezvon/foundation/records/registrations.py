from django.utils.translation import gettext_lazy as lazy
from django.utils.translation import gettext_noop as _

from perezvon.foundation.access import declare
from perezvon.foundation.access.rights import INFORMATION, SYSTEM
from perezvon.foundation.web.places import Place, register_place


def register() -> None:
    declare("records.arrange", _("Arrange what cards show"), roles=(INFORMATION, SYSTEM))
    register_place(Place(lazy("Card layouts"), "forms", "records:layouts", "records.arrange", 93))
