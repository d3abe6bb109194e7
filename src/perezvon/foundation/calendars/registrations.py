from django.utils.translation import gettext_lazy as lazy
from django.utils.translation import gettext_noop as _

from perezvon.foundation.access import declare
from perezvon.foundation.access.rights import INFORMATION, SYSTEM
from perezvon.foundation.administration.registry import AdminPage, Section, register_admin_page
from perezvon.foundation.calendars.selectors import MANAGE


def register() -> None:
    declare(MANAGE, _("Set working hours and days off"), roles=(INFORMATION, SYSTEM))
    register_admin_page(
        AdminPage(
            Section.CALLS,
            lazy("Working calendars"),
            lazy("Hours of the week, days off and short days, by which terms and deadlines are reckoned."),
            "calendar",
            "calendars:calendars",
            MANAGE,
            60,
        )
    )
