from django.utils.translation import gettext_lazy as lazy
from django.utils.translation import gettext_noop as _

from perezvon.foundation.access import declare
from perezvon.foundation.access.rights import SYSTEM
from perezvon.foundation.administration.registry import AdminPage, Section, register_admin_page


def register() -> None:
    declare("configuration.load", _("Export, load and roll back the whole configuration"), roles=(SYSTEM,))
    register_admin_page(
        AdminPage(
            Section.SYSTEM,
            lazy("Configuration"),
            lazy("Everything that is set, as a file: export, compare, load, go back to an earlier version."),
            "versions",
            "configuration:versions",
            "configuration.load",
            20,
        )
    )
