"""The five roles that ship, and the rights that a new version brings to them."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_noop as _

from perezvon.foundation.access import rights

NAMES = {
    rights.OPERATOR: _("Operator"),
    rights.EXTENDED: _("Extended operator"),
    rights.SUPERVISOR: _("Supervisor"),
    rights.INFORMATION: _("Information administrator"),
    rights.SYSTEM: _("System administrator"),
}


def grant_new_rights(apps: Any, **_: object) -> None:
    """After a migration: create missing roles; give each the rights that were declared since the last time.

    A right that an administrator took away stays away: it is known already, so it is not new.
    """
    role_model, known_model = apps.get_model("people", "Role"), apps.get_model("people", "KnownRight")
    known = set(known_model.objects.values_list("code", flat=True))
    fresh = [right for code, right in rights.declared().items() if code not in known]
    for code in rights.ROLES:
        role, _created = role_model.objects.get_or_create(code=code, defaults={"all_projects": code != rights.OPERATOR})
        gained = {right.code for right in fresh if code in right.roles}
        if gained - set(role.rights):
            role.rights = sorted(gained | set(role.rights))
            role.save(update_fields=["rights"])
    known_model.objects.bulk_create([known_model(code=right.code) for right in fresh], ignore_conflicts=True)
