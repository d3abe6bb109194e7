from django.utils.translation import gettext_noop as _

from perezvon.foundation.access import declare
from perezvon.foundation.access.rights import EXTENDED, INFORMATION, ROLES, SUPERVISOR, SYSTEM
from perezvon.foundation.jobs.services import register_job
from perezvon.foundation.lists.declare import register_list
from perezvon.foundation.lists.exports import export
from perezvon.foundation.lists.files import Files
from perezvon.foundation.lists.guide import actions, places
from perezvon.foundation.lists.services import EXPORT
from perezvon.foundation.search.finders import Guide, register_guide


def register() -> None:
    declare("lists.use_views", _("Keep one's own views of lists"), roles=ROLES)
    declare("lists.share_views", _("Share views of lists and set those of roles"), roles=(SUPERVISOR, INFORMATION))
    declare("lists.bulk", _("Change many rows of a list at once"), roles=(EXTENDED, SUPERVISOR, INFORMATION, SYSTEM))
    declare("lists.export", _("Save lists as files"), roles=(SUPERVISOR, INFORMATION, SYSTEM))
    register_job(EXPORT, export)
    register_list(Files())
    register_guide(Guide(actions, places))
