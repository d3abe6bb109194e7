"""Templates and who carries messages, in blueprints: messages: {templates: […], senders: […]}; no passwords."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from perezvon.foundation.access import Actor
from perezvon.foundation.configuration.parts import Blueprint, Part, register_part
from perezvon.foundation.messages import services
from perezvon.foundation.messages.models import Sender, Template
from perezvon.foundation.messages.selectors import list_senders, list_templates
from perezvon.foundation.messages.services import WantedSender, WantedTemplate
from perezvon.foundation.people.models import Project


def load_messages(blueprint: Blueprint, by: Actor, now: datetime) -> None:
    """Make what the part names; others stay. A sender keeps the password that it has."""
    part = blueprint["messages"]
    projects = dict(Project.objects.values_list("code", "pk"))
    templates = {one.code: one for one in list_templates(all_of_them=True)}
    for row in part.get("templates", []):
        _template(row, templates.get(row["code"]), projects, by, now)
    senders = {(one.channel, one.project_id): one for one in list_senders()}
    for row in part.get("senders", []):
        project = projects.get(row.get("project", ""))
        _sender(row, senders.get((row["channel"], project)), project, by, now)


def _template(
    row: Mapping[str, Any], kept: Template | None, projects: Mapping[str, int], by: Actor, now: datetime
) -> None:
    if kept is not None and _exported_template(kept) == row:
        return
    wanted = WantedTemplate(
        name=row["name"],
        text=row["text"],
        subject=row.get("subject", {}),
        channel=row["channel"],
        project_id=projects.get(row.get("project", "")),
        in_use=row.get("in_use", True),
    )
    if kept is None:
        services.add_template(code=row["code"], wanted=wanted, by=by, now=now)
    else:
        services.change_template(template_id=kept.pk, version=kept.version, wanted=wanted, by=by, now=now)


def _sender(row: Mapping[str, Any], kept: Sender | None, project: int | None, by: Actor, now: datetime) -> None:
    if kept is not None and _exported_sender(kept) == row:
        return
    wanted = WantedSender(
        row["channel"], row["connector"], row.get("values", {}), project, in_use=row.get("in_use", True)
    )
    version = kept.version if kept else 0
    services.put_sender(wanted=wanted, sender_id=kept.pk if kept else None, version=version, by=by, now=now)


def export_messages() -> dict[str, Any]:
    templates = [_exported_template(one) for one in list_templates(all_of_them=True)]
    return {"messages": {"templates": templates, "senders": [_exported_sender(one) for one in list_senders()]}}


def _exported_template(one: Template) -> dict[str, Any]:
    said: dict[str, Any] = {"code": one.code, "channel": one.channel, "name": one.name, "text": one.text}
    said |= {"subject": one.subject} if one.subject else {}
    return said | _common(one)


def _exported_sender(one: Sender) -> dict[str, Any]:
    return {"channel": one.channel, "connector": one.connector, "values": one.values} | _common(one)


def _common(one: Template | Sender) -> dict[str, Any]:
    project = {"project": one.project.code} if one.project else {}
    return project if one.in_use else {**project, "in_use": False}


register_part(Part("messages", ("messages",), load_messages, export_messages, order=95))
