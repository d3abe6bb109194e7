from django.utils.translation import gettext_lazy as lazy
from django.utils.translation import gettext_noop as _

from perezvon.foundation.access import declare
from perezvon.foundation.access.rights import SYSTEM
from perezvon.foundation.administration.audit_export import KIND, export
from perezvon.foundation.administration.registry import AdminPage, Section, has_pages, hits, register_admin_page
from perezvon.foundation.jobs.services import register_job
from perezvon.foundation.search.finders import Guide, register_guide
from perezvon.foundation.web.places import Place, register_place


def register() -> None:
    register_job(KIND, export)
    declare("administration.audit", _("Read who did what and when"), roles=(SYSTEM,))
    register_place(Place(lazy("Administration"), "settings", "administration:home", has_pages, 95))
    register_guide(Guide(places=hits))
    register_admin_page(
        AdminPage(
            Section.SYSTEM,
            lazy("Audit"),
            lazy("Who did what, when, to what and why; what was before and after."),
            "history",
            "administration:audit",
            "administration.audit",
            10,
        )
    )
