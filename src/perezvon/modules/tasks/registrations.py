from django.urls import reverse
from django.utils.translation import gettext_lazy as lazy
from django.utils.translation import gettext_noop as _

from perezvon.foundation.access import Actor, declare
from perezvon.foundation.access.rights import EXTENDED, INFORMATION, OPERATOR, SUPERVISOR
from perezvon.foundation.administration.registry import AdminPage, Section, register_admin_page
from perezvon.foundation.fields.registry import RecordKind, register_record_kind
from perezvon.foundation.lists.custom import custom_columns
from perezvon.foundation.lists.declare import register_columns, register_list
from perezvon.foundation.personal.registry import register_holder
from perezvon.foundation.search.finders import Finder, Hit, register_finder
from perezvon.foundation.web.places import Place, register_place
from perezvon.modules.customers.registry import register_section
from perezvon.modules.interactions.registry import register_contact_section, register_entries, register_marks
from perezvon.modules.tasks.lists import Tasks
from perezvon.modules.tasks.models import FIELDS, Kind, Task
from perezvon.modules.tasks.personal import holder
from perezvon.modules.tasks.sections import contact_section, entries, marks, sections
from perezvon.modules.tasks.selectors import ASSIGN, SET_UP, VIEW, WRITE, search_tasks
from perezvon.modules.tasks.web.words import ICONS


def register() -> None:
    declare(VIEW, _("See tasks"), roles=(OPERATOR, EXTENDED, SUPERVISOR), narrows=True)
    declare(WRITE, _("Plan tasks and do them"), roles=(OPERATOR, EXTENDED, SUPERVISOR))
    declare(ASSIGN, _("Dispose of the tasks of others"), roles=(SUPERVISOR,))
    declare(SET_UP, _("Set up stages of contacts and possible actions"), roles=(INFORMATION,))
    register_holder(holder())
    register_list(Tasks())
    register_record_kind(RecordKind(FIELDS, Task, lazy("Tasks")))
    register_columns(Tasks.code, custom_columns(FIELDS))
    register_finder(Finder("task", lazy("Tasks"), VIEW, _hits))
    register_place(Place(lazy("Tasks"), "checklist", "tasks:day", VIEW, 34))
    register_entries(entries)
    register_marks(marks)
    register_contact_section(contact_section())
    for section in sections():
        register_section(section)
    register_admin_page(
        AdminPage(
            Section.CALLS,
            lazy("Stages and actions"),
            lazy("How far a contact has come, and which actions lead from one stage to the next."),
            "checklist",
            "tasks:set_up",
            SET_UP,
            61,
        )
    )


def _hits(text: str, by: Actor, limit: int) -> list[Hit]:
    return [_hit(task) for task in search_tasks(text, by=by, limit=limit)]


def _hit(task: Task) -> Hit:
    detail = ", ".join(
        part for part in (task.customer.short_name if task.customer else "", task.get_state_display()) if part
    )
    label = f"\u2116 {task.number}, {task.title}"
    return Hit(label, reverse("tasks:task", args=[task.pk]), ICONS[Kind(task.kind)], str(detail))
