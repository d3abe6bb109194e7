"""In blueprints: company_sign_in: {directory: {…}, provider: {…}}, without passwords: the one that is kept stays."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from perezvon.foundation.access import Actor
from perezvon.foundation.configuration.parts import Blueprint, Part, register_part
from perezvon.foundation.people.models import Project, Role
from perezvon.modules.accounts import services
from perezvon.modules.accounts.models import CompanyDirectory, SignInProvider

_COMMON = ("is_on", "ca", "roles")
_DIRECTORY = (*_COMMON, "url", "start_tls", "base", "account", "person_filter", "attributes")
_PROVIDER = (*_COMMON, "issuer", "client_id", "scope", "claims")


def load_sign_in(blueprint: Blueprint, by: Actor, now: datetime) -> None:
    """Make what the part names. A secret is typed on the page; while the address stays, so does the one there is."""
    part = blueprint["company_sign_in"]
    if said := part.get("directory"):
        row = services.find_directory()
        if row is None or _exported(row, _DIRECTORY) != said:
            directory = services.DirectoryDetails(**_meant(said, _DIRECTORY))
            services.set_directory(details=directory, secret=None, version=row.version if row else 0, by=by, now=now)
    if said := part.get("provider"):
        known = services.find_provider()
        if known is None or _exported(known, _PROVIDER) != said:
            provider = services.ProviderDetails(**_meant(said, _PROVIDER))
            services.set_provider(details=provider, secret=None, version=known.version if known else 0, by=by, now=now)


def _meant(said: Mapping[str, Any], names: tuple[str, ...]) -> dict[str, Any]:
    """As services take it. Raises TypeError for a word that is none."""
    if unknown := set(said) - {*names, "newcomer_role", "newcomer_projects"}:
        raise TypeError(f"unknown: {', '.join(sorted(map(str, unknown)))}")
    meant = {name: said[name] for name in names if name in said}
    if code := said.get("newcomer_role"):
        meant["newcomer_role"] = Role.objects.get(code=code)
    projects = {one.code: one for one in Project.objects.all()}
    return meant | {"newcomer_projects": tuple(projects[code] for code in said.get("newcomer_projects", []))}


def export_sign_in() -> dict[str, Any]:
    found: dict[str, Any] = {}
    if directory := services.find_directory():
        found["directory"] = _exported(directory, _DIRECTORY)
    if provider := services.find_provider():
        found["provider"] = _exported(provider, _PROVIDER)
    return {"company_sign_in": found}


def _exported(row: CompanyDirectory | SignInProvider, names: tuple[str, ...]) -> dict[str, Any]:
    said: dict[str, Any] = {name: getattr(row, name) for name in names if getattr(row, name) not in ("", {})}
    said |= {"newcomer_role": row.newcomer_role.code} if row.newcomer_role else {}
    projects = sorted(one.code for one in row.newcomer_projects.all())
    return said | ({"newcomer_projects": projects} if projects else {})


register_part(Part("company_sign_in", ("company_sign_in",), load_sign_in, export_sign_in, order=30))
