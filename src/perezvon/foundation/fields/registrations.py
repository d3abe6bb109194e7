from django.utils.translation import gettext_lazy as lazy
from django.utils.translation import gettext_noop as _

from perezvon.foundation.access import declare
from perezvon.foundation.access.rights import INFORMATION, SYSTEM
from perezvon.foundation.administration.registry import AdminPage, Section, register_admin_page


def register() -> None:
    declare("fields.manage", _("Add and change fields of records"), roles=(INFORMATION, SYSTEM))
    register_admin_page(
        AdminPage(
            Section.DATA,
            lazy("Fields"),
            lazy("Fields of your own on cards: what they hold, who sees and changes them."),
            "forms",
            "fields:fields",
            "fields.manage",
            10,
        )
    )
