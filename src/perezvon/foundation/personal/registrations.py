from django.utils.translation import gettext_noop as _

from perezvon.foundation.access import declare
from perezvon.foundation.access.rights import INFORMATION
from perezvon.foundation.jobs.services import register_job
from perezvon.foundation.personal.models import LegalHold
from perezvon.foundation.personal.own import holder
from perezvon.foundation.personal.registry import register_holder
from perezvon.foundation.personal.services import ERASE, EXPORT, run_erasure, run_export
from perezvon.foundation.records.registry import register_pointer


def register() -> None:
    declare("personal.export", _("Save all data of one person as a file"), roles=(INFORMATION,))
    declare("personal.erase", _("Erase all data of one person"), roles=(INFORMATION,))
    declare("personal.hold", _("Put and lift legal holds on a person's data"), roles=(INFORMATION,))
    register_pointer(LegalHold, "subject")  # a hold goes with the card that takes the other's place
    register_job(EXPORT, run_export, file_url="personal:file")
    register_job(ERASE, run_erasure)
    register_holder(holder())
