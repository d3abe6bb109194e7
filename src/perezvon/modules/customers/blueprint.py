"""In blueprints: purposes of consent, [{code, name, needs_consent, project, in_use}], and bases of customers."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from perezvon.foundation.access import Actor
from perezvon.foundation.configuration.parts import Blueprint, Part, register_part
from perezvon.foundation.people.models import Project
from perezvon.modules.customers import services
from perezvon.modules.customers.models import OutsideSource, Purpose


def load_purposes(blueprint: Mapping[str, Any], by: Actor, now: datetime) -> None:
    """Make the purposes as the blueprint says; others stay."""
    projects = dict(Project.objects.values_list("code", "pk"))
    for row in blueprint["purposes"]:
        project_id = projects[row["project"]] if row.get("project") else None
        known = Purpose.objects.filter(code=row["code"], project=project_id).first()
        purpose = services.save_purpose(
            purpose_id=known.pk if known else None,
            version=known.version if known else 0,
            wanted=services.PurposeWanted(row["code"], row["name"], row.get("needs_consent", False), project_id),
            by=by,
            now=now,
        )
        if purpose.is_active != row.get("in_use", True):
            services.switch_purpose(purpose_id=purpose.pk, is_active=row.get("in_use", True), by=by, now=now)


def export_purposes() -> dict[str, Any]:
    """The part that makes the purposes that there are."""
    return {"purposes": [_exported(row) for row in Purpose.objects.select_related("project")]}


def _exported(row: Purpose) -> dict[str, Any]:
    said: dict[str, Any] = {"code": row.code, "name": row.name}
    said |= {"needs_consent": True} if row.needs_consent else {}
    said |= {"project": row.project.code} if row.project else {}
    return said | ({} if row.is_active else {"in_use": False})


register_part(Part("purposes", ("purposes",), load_purposes, export_purposes, order=46))


# --- bases of customers: [{name, url, header, paths, facts, project, in_use}], without tokens ---


def load_outside(blueprint: Blueprint, by: Actor, now: datetime) -> None:
    """One of a project, and one of all. A token that is kept stays, while address and header do."""
    projects = dict(Project.objects.values_list("code", "pk"))
    for row in blueprint["customer_bases"]:
        project_id = projects[row["project"]] if row.get("project") else None
        known = OutsideSource.objects.select_related("project").filter(project=project_id).first()
        if known and _exported_base(known) == row:
            continue
        facts = tuple((str(label), str(path)) for label, path in row.get("facts", []))
        wanted = services.WantedSource(
            row["name"],
            row["url"],
            row.get("header", ""),
            paths=row["paths"],
            facts=facts,
            project_id=project_id,
            in_use=row.get("in_use", True),
        )
        services.put_outside_source(
            wanted=wanted,
            source_id=known.pk if known else None,
            version=known.version if known else 0,
            by=by,
            now=now,
        )


def export_outside() -> dict[str, Any]:
    return {"customer_bases": [_exported_base(one) for one in OutsideSource.objects.select_related("project")]}


def _exported_base(one: OutsideSource) -> dict[str, Any]:
    said: dict[str, Any] = {"name": one.name, "url": one.url, "paths": one.paths}
    said |= {"header": one.header} if one.header else {}
    said |= {"facts": one.facts} if one.facts else {}
    said |= {"project": one.project.code} if one.project else {}
    return said | ({} if one.in_use else {"in_use": False})


register_part(Part("customer_bases", ("customer_bases",), load_outside, export_outside, order=47))
