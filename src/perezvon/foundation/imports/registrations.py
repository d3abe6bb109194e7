from django.utils.translation import gettext_lazy as lazy
from django.utils.translation import gettext_noop as _

from perezvon.foundation.access import declare
from perezvon.foundation.access.rights import INFORMATION, SUPERVISOR, SYSTEM
from perezvon.foundation.imports import running, services
from perezvon.foundation.imports.lists import ImportedRows, Imports
from perezvon.foundation.imports.personal import holder
from perezvon.foundation.imports.registry import importables
from perezvon.foundation.imports.web import words  # noqa: F401  (registers what people read)
from perezvon.foundation.jobs.services import register_job
from perezvon.foundation.lists.declare import register_list
from perezvon.foundation.personal.registry import register_holder
from perezvon.foundation.web.places import Place, register_place


def register() -> None:
    declare("imports.use", _("Import tables"), roles=(SUPERVISOR, INFORMATION))
    declare("imports.see_all", _("See and undo imports of others"), roles=(INFORMATION, SYSTEM))
    register_job(services.READ, running.read)
    register_job(services.CHECK, running.check)
    register_job(services.RUN, running.run)
    register_job(services.UNDO, running.undo)
    register_holder(holder())
    register_list(Imports())
    register_list(ImportedRows())
    register_place(
        Place(lazy("Import"), "upload", "imports:list", lambda by: by.may("imports.use") and bool(importables(by)), 35)
    )
