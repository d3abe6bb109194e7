from django.utils.translation import gettext_lazy as lazy
from django.utils.translation import gettext_noop as _

from perezvon.foundation.access import declare
from perezvon.foundation.access.rights import INFORMATION, SYSTEM
from perezvon.foundation.administration.registry import AdminPage, Section, register_admin_page


def register() -> None:
    declare("records.arrange", _("Arrange what cards show"), roles=(INFORMATION, SYSTEM))
    register_admin_page(
        AdminPage(
            Section.DATA,
            lazy("Card layouts"),
            lazy("Which sections a card shows, in which tabs, for which project, role and card type."),
            "forms",
            "records:layouts",
            "records.arrange",
            20,
        )
    )
