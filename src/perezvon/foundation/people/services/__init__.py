"""People, their roles, teams, groups and projects: everything that changes them."""

from perezvon.foundation.people.services.editing import FieldsWrong, Outdated, changes, must_be_current
from perezvon.foundation.people.services.giving import (
    LastAdministrator,
    NotYoursToGive,
    must_give_projects,
    must_give_role,
)
from perezvon.foundation.people.services.groups import add_group, add_team, update_group, update_team
from perezvon.foundation.people.services.passwords import (
    NoSuchUser,
    WeakPassword,
    change_password,
    give_password,
    must_be_strong,
    set_password,
)
from perezvon.foundation.people.services.photos import PHOTO_LIMIT_BYTES, NoPhoto, set_photo
from perezvon.foundation.people.services.projects import ProjectDetails, add_project, update_project
from perezvon.foundation.people.services.roles import RoleDetails, add_role, update_role
from perezvon.foundation.people.services.users import (
    LoginTaken,
    UserDetails,
    add_user,
    block_user,
    end_sessions,
    lock_user,
    unblock_user,
    update_user,
)

__all__ = [
    "PHOTO_LIMIT_BYTES",
    "FieldsWrong",
    "LastAdministrator",
    "LoginTaken",
    "NoPhoto",
    "NoSuchUser",
    "NotYoursToGive",
    "Outdated",
    "ProjectDetails",
    "RoleDetails",
    "UserDetails",
    "WeakPassword",
    "add_group",
    "add_project",
    "add_role",
    "add_team",
    "add_user",
    "block_user",
    "change_password",
    "changes",
    "end_sessions",
    "give_password",
    "lock_user",
    "must_be_current",
    "must_be_strong",
    "must_give_projects",
    "must_give_role",
    "set_password",
    "set_photo",
    "unblock_user",
    "update_group",
    "update_project",
    "update_role",
    "update_team",
    "update_user",
]
