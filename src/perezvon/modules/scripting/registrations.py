from __future__ import annotations

from django.utils.translation import gettext_noop as _

from perezvon.foundation.access import declare
from perezvon.foundation.access.rights import EXTENDED, INFORMATION, OPERATOR, SUPERVISOR, SYSTEM
from perezvon.modules.interactions.registry import register_entries
from perezvon.modules.scripting.doing import register_actions
from perezvon.modules.scripting.facts import register_terms
from perezvon.modules.scripting.selectors import MANAGE, RUN, entries


def register() -> None:
    declare(MANAGE, _("Draw and publish scenarios"), roles=(SUPERVISOR, INFORMATION, SYSTEM))
    declare(RUN, _("Work by scenarios"), roles=(OPERATOR, EXTENDED, SUPERVISOR))
    register_terms()
    register_actions()
    register_entries(entries)
