from django.utils.translation import gettext_lazy as lazy
from django.utils.translation import gettext_noop as _

from perezvon.foundation.access import declare
from perezvon.foundation.access.rights import SYSTEM
from perezvon.foundation.administration.registry import AdminPage, Section, register_admin_page
from perezvon.foundation.rest import words  # noqa: F401  (registers them)
from perezvon.foundation.rest.services import KEYS


def register() -> None:
    declare(KEYS, _("Make keys for other programs"), roles=(SYSTEM,))
    register_admin_page(
        AdminPage(
            Section.SYSTEM,
            lazy("Keys for other programs"),
            lazy("Who may talk to Perezvon through its programming interface, and in whose name."),
            "key",
            "rest:keys",
            KEYS,
            60,
        )
    )
