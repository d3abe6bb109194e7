from django.utils.translation import gettext_lazy as lazy
from django.utils.translation import gettext_noop as _

from perezvon.foundation.access import declare
from perezvon.foundation.access.rights import EXTENDED, INFORMATION, OPERATOR, SUPERVISOR, SYSTEM
from perezvon.foundation.administration.registry import AdminPage, Section, register_admin_page
from perezvon.foundation.files.models import File
from perezvon.foundation.files.personal import holder
from perezvon.foundation.files.selectors import ATTACH, DELETE, VIEW
from perezvon.foundation.personal.registry import register_holder
from perezvon.foundation.records.registry import register_pointer


def register() -> None:
    serving = (OPERATOR, EXTENDED, SUPERVISOR)
    declare(VIEW, _("See and download files of records"), roles=(*serving, INFORMATION, SYSTEM))
    declare(ATTACH, _("Attach files to records"), roles=(*serving, INFORMATION, SYSTEM))
    declare(DELETE, _("Delete and restore files of records"), roles=(EXTENDED, SUPERVISOR, INFORMATION, SYSTEM))
    declare("files.rule", _("Set what files may be attached"), roles=(INFORMATION, SYSTEM))
    register_pointer(File, "record")
    register_holder(holder())
    register_admin_page(
        AdminPage(
            Section.DATA,
            lazy("Files"),
            lazy("How large files may be, how many a record holds, and of which kinds."),
            "paperclip",
            "files:rules",
            "files.rule",
            40,
        )
    )
