from django.utils.translation import gettext_lazy as lazy

from perezvon.foundation.administration import AdminPage, register_admin_page
from perezvon.foundation.administration.registry import Section


def register() -> None:
    for page in (
        AdminPage(
            Section.PEOPLE,
            lazy("People"),
            lazy("Who works here: role, team, projects, telephone, password."),
            "users",
            "accounts:people",
            "people.manage",
            10,
        ),
        AdminPage(
            Section.PEOPLE,
            lazy("Roles and rights"),
            lazy("What each role may do, and how its people sign in."),
            "id-badge-2",
            "accounts:roles",
            "people.roles",
            20,
        ),
        AdminPage(
            Section.PEOPLE,
            lazy("Teams and groups"),
            lazy("Who works together, and whom rules treat differently."),
            "users-group",
            "accounts:groups",
            "people.manage",
            30,
        ),
        AdminPage(
            Section.PEOPLE,
            lazy("Projects"),
            lazy("Lines of business: name, number, time zone."),
            "folders",
            "accounts:projects",
            "people.projects",
            40,
        ),
    ):
        register_admin_page(page)
