from django.utils.translation import gettext_lazy as lazy
from django.utils.translation import gettext_noop as _

from perezvon.foundation.access import declare
from perezvon.foundation.access.rights import INFORMATION, SUPERVISOR, SYSTEM
from perezvon.foundation.administration.registry import AdminPage, Section, register_admin_page
from perezvon.foundation.imports import running, services, syncing
from perezvon.foundation.imports.lists import ImportedRows, Imports
from perezvon.foundation.imports.personal import holder
from perezvon.foundation.imports.web import words  # noqa: F401  (registers what people read)
from perezvon.foundation.jobs.services import register_job
from perezvon.foundation.lists.declare import register_list
from perezvon.foundation.personal.registry import register_holder


def register() -> None:
    declare("imports.use", _("Import tables"), roles=(SUPERVISOR, INFORMATION))
    declare("imports.schedule", _("Let tables be fetched and imported by themselves"), roles=(INFORMATION,))
    declare("imports.see_all", _("See and undo imports of others"), roles=(INFORMATION, SYSTEM))
    register_job(services.READ, running.read)
    register_job(services.CHECK, running.check)
    register_job(services.RUN, running.run)
    register_job(services.UNDO, running.undo)
    register_job(services.LOOK, syncing.look)
    register_holder(holder())
    register_list(Imports())
    register_list(ImportedRows())
    register_admin_page(
        AdminPage(
            Section.DATA,
            lazy("Imports"),
            lazy("Tables that came in: what became of each, its refused rows, taking it back."),
            "upload",
            "imports:list",
            "imports.use",
            70,
        )
    )
