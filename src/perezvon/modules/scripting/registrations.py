from __future__ import annotations

from django.utils.translation import gettext_noop as _

from perezvon.foundation.access import declare
from perezvon.foundation.access.rights import EXTENDED, INFORMATION, OPERATOR, SUPERVISOR, SYSTEM
from perezvon.modules.scripting.selectors import MANAGE, RUN


def register() -> None:
    declare(MANAGE, _("Draw and publish scenarios"), roles=(SUPERVISOR, INFORMATION, SYSTEM))
    declare(RUN, _("Work by scenarios"), roles=(OPERATOR, EXTENDED, SUPERVISOR))
