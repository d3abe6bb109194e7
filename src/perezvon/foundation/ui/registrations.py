from django.utils.translation import gettext_noop as _

from perezvon.foundation.access import declare
from perezvon.foundation.access.rights import INFORMATION, SYSTEM


def register() -> None:
    declare("ui.gallery", _("See the component gallery"), roles=(SYSTEM, INFORMATION))
