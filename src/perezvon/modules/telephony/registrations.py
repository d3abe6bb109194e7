from django.utils.translation import gettext_lazy as lazy
from django.utils.translation import gettext_noop as _

from perezvon.foundation.access import declare
from perezvon.foundation.access.rights import EXTENDED, INFORMATION, OPERATOR, SUPERVISOR, SYSTEM
from perezvon.foundation.lists.declare import register_list
from perezvon.foundation.personal.registry import register_holder
from perezvon.foundation.web.places import Place, register_place
from perezvon.modules.interactions.lines import register_lines
from perezvon.modules.interactions.registry import register_recordings
from perezvon.modules.telephony.lists import Recordings
from perezvon.modules.telephony.personal import holder
from perezvon.modules.telephony.scripted import register_actions
from perezvon.modules.telephony.selectors import name_line, recording_urls


def register() -> None:
    register_holder(holder())
    register_lines(name_line)
    register_recordings(recording_urls)
    register_actions()
    register_list(Recordings())
    register_place(Place(lazy("Recordings"), "player-record-filled", "telephony:recordings", "telephony.listen", 77))
    declare("telephony.use", _("Take and make calls"), roles=(OPERATOR, EXTENDED, SUPERVISOR))
    declare("telephony.listen", _("Listen to recordings"), roles=(EXTENDED, SUPERVISOR))
    declare("telephony.supervise", _("Listen in on calls, prompt, join and take over"), roles=(SUPERVISOR,))
    declare("telephony.configure", _("Set up lines"), roles=(INFORMATION, SYSTEM))
