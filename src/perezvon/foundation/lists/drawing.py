"""What the templates of a list are given."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.urls import reverse
from django.utils.formats import number_format
from django.utils.translation import gettext as _

from perezvon.foundation.access import Actor
from perezvon.foundation.lists.asked import MOST_SORTS, SIZES, Asked, ShownColumn, Sort
from perezvon.foundation.lists.columns import Row
from perezvon.foundation.lists.conditions import tell
from perezvon.foundation.lists.declare import Bulk, RecordList
from perezvon.foundation.lists.exports import AT_ONCE
from perezvon.foundation.lists.models import SavedView
from perezvon.foundation.lists.paging import SEARCHED_TO, Listing, Total
from perezvon.foundation.lists.services import AT_ONCE as MOST_ROWS
from perezvon.foundation.people.models import Role
from perezvon.foundation.search.selectors import Guess


def list_url(of: RecordList, part: str = "", *arguments: Any) -> str:
    return reverse(f"{of.url_name}_{part}" if part else of.url_name, args=arguments)


def draw_list(asked: Asked, listing: Listing, views: Sequence[SavedView], *, may_export: bool) -> dict[str, Any]:
    """The context of lists/list.html."""
    of, by = asked.of, asked.asking.by
    url = list_url(of)
    bulk = [_act(of, act) for act in of.bulk if by.may(act.right) and by.may("lists.bulk")]
    bulk = [act for act in bulk if act["of_deleted"] == asked.deleted]
    return {
        "list": of,
        "above": [{"label": label, "url": reverse(name)} for label, name in of.above],
        "asked": asked,
        "root_id": f"list-{of.code}",
        "url": url,
        "here": f"{url}?{asked.query}" if asked.query else url,
        "state": asked.query,
        "heads": [_head(asked, one, listing) for one in asked.shown],
        "rows": [_row(asked, row) for row in listing.rows],
        "total": told(listing.total) if listing.total else "",
        "found": listing.total.count if listing.total else 0,
        "is_exact": bool(listing.total and listing.total.is_exact),
        "notices": _notices(asked, listing),
        "chips": _chips(asked, url),
        "join": _("or") if asked.where.join == "or" else _("and"),
        "next_url": f"{url}?{asked.with_(after=listing.after)}" if listing.after else "",
        "previous_url": f"{url}?{asked.with_(before=listing.before)}" if listing.before else "",
        "first_url": f"{url}?{asked.with_()}" if asked.after or asked.before else "",
        "sizes": [_size(asked, url, size) for size in SIZES],
        "sort_words": _sort_words(asked.sorts),
        "sort_lines": _sort_lines(asked),
        "views": _views(asked, views, url, by),
        "view": next((view for view in views if view.pk == asked.view_id), None),
        "is_own_view": any(view.pk == asked.view_id and view.owner_id == by.user_id for view in views),
        "deleted_url": _deleted_url(asked, url),
        "bulk": bulk,
        "actions": [
            {"label": one.label, "icon": one.icon, "url": reverse(one.url_name)}
            for one in of.actions
            if by.may(one.right)
        ],
        "may_export": may_export,
        "export_at_once": bool(listing.total and listing.total.is_exact and listing.total.count <= AT_ONCE),
        "may_take_all": bool(listing.total and len(listing.rows) < listing.total.count <= MOST_ROWS),
        "is_narrowed": bool(asked.where or asked.text),
        "reset_url": f"{url}?{asked.with_(where='', q='')}" if asked.with_(where="", q="") else url,
    }


def told(total: Total) -> str:
    """ "723", "~1 000 000" """
    if total.is_exact:
        return number_format(total.count, force_grouping=True)
    size = 10 ** max(0, len(str(total.count)) - 2)
    return f"~{number_format(round(total.count / size) * size, force_grouping=True)}"


# --- the table ---


def _head(asked: Asked, one: ShownColumn, listing: Listing) -> dict[str, Any]:
    column = one.column
    sorts = asked.sorts if not listing.unsorted else ()
    place = next((number for number, sort in enumerate(sorts) if sort.column is column), None)
    down = place is not None and sorts[place].descending
    url = list_url(asked.of)
    return {
        "code": column.code,
        "label": column.label,
        "width": one.width,
        "is_number": column.is_number,
        "can_sort": column.sorted_by is not None,
        "sort_url": f"{url}?{asked.with_(sort=_turned(sorts, column.code, alone=True))}",
        "add_url": f"{url}?{asked.with_(sort=_turned(sorts, column.code, alone=False))}",
        "sorted": "" if place is None else "descending" if down else "ascending",
        "is_first": place == 0,
        "place": place + 1 if place is not None and len(sorts) > 1 else 0,
    }


def _turned(sorts: Sequence[Sort], code: str, *, alone: bool) -> str:
    """The order after a click on a head: up, then down. Beside others it keeps its place."""
    known = {sort.column.code: sort for sort in sorts}
    is_only = code in known and (not alone or len(sorts) == 1 or sorts[0].column.code == code)
    turned = f"-{code}" if is_only and not known[code].descending else code
    if alone:
        return turned
    texts = [turned if sort.column.code == code else sort.text for sort in sorts]
    return ",".join((texts if code in known else [*texts, turned])[-MOST_SORTS:])


def _row(asked: Asked, row: Row) -> dict[str, Any]:
    cells = []
    for one in asked.shown:
        value = one.column.of(row)
        cells.append((one.column.shows(value, asked.asking), one.column.is_number, one.column.link))
    first = next((place for place, cell in enumerate(cells) if cell[2]), None)
    return {"key": row[asked.of.key], "url": asked.of.url(row), "cells": cells, "has_link": first is not None}


def _act(of: RecordList, act: Bulk) -> dict[str, Any]:
    return {
        "label": act.label,
        "icon": act.icon,
        "url": list_url(of, "bulk", act.code),
        "of_deleted": act.of_deleted,
        "is_danger": act.is_danger,
    }


# --- around it ---


def _notices(asked: Asked, listing: Listing) -> list[str]:
    notices = []
    if listing.guess == Guess.LAYOUT:
        notices.append(_("Shown for “{text}”, read in the other keyboard layout.").format(text=listing.read_as))
    if listing.guess == Guess.LETTERS:
        notices.append(_("Shown for “{text}”, written in Russian letters.").format(text=listing.read_as))
    if listing.guess == Guess.SLIP:
        notices.append(_("Nothing fits exactly. Shown for “{text}” and the like.").format(text=listing.read_as))
    if listing.is_cut:
        most = number_format(SEARCHED_TO, force_grouping=True)
        notices.append(
            _("Of what was found the best {most} are listed. Type more to find the others.").format(most=most)
        )
    if listing.unsorted:
        words = _("So many rows cannot be sorted by “{columns}”. Narrow the list first.")
        notices.append(words.format(columns=", ".join(str(sort.column.label) for sort in asked.sorts)))
    return notices


def _chips(asked: Asked, url: str) -> list[dict[str, Any]]:
    chips = []
    for number, group in enumerate(asked.where.groups):
        joined = _("or") if group.join == "or" else _("and")
        for place, condition in enumerate(group.conditions):
            less = asked.where.without(number, place).text()
            chips.append(
                {
                    "text": tell(condition, asked.columns, asked.asking),
                    "without_url": f"{url}?{asked.with_(where=less)}",
                    "joined": joined if place else "",
                    "begins_group": number > 0 and not place,
                    "opens": not place and len(group.conditions) > 1 and len(asked.where.groups) > 1,
                    "closes": place == len(group.conditions) - 1 and place > 0 and len(asked.where.groups) > 1,
                }
            )
    return chips


def _size(asked: Asked, url: str, size: int) -> dict[str, Any]:
    return {"size": size, "url": f"{url}?{asked.with_(size=str(size))}", "current": size == asked.size}


def _direction(sort: Sort) -> str:
    return _("descending") if sort.descending else _("ascending")


def _sort_words(sorts: Sequence[Sort]) -> str:
    """ "Created (descending), Name (ascending)" (F30.05)"""
    return ", ".join(f"{sort.column.label} ({_direction(sort)})" for sort in sorts)


def _sort_lines(asked: Asked) -> list[dict[str, Any]]:
    options = [(column.code, column.label) for column in asked.columns.values() if column.sorted_by]
    sorts: list[Sort | None] = [*asked.sorts, *[None] * MOST_SORTS][:3]
    return [
        {
            "place": place,
            "options": options,
            "code": sort.column.code if sort else "",
            "down": bool(sort and sort.descending),
        }
        for place, sort in enumerate(sorts)
    ]


def _views(asked: Asked, views: Sequence[SavedView], url: str, by: Actor) -> list[dict[str, Any]]:
    usual = {"name": _("As usual"), "url": f"{url}?view=0", "current": not asked.view_id, "group": ""}
    mine = [_view(asked, view, url, _("Mine")) for view in views if view.owner_id == by.user_id]
    shared = [_view(asked, view, url, _("Shared")) for view in views if view.owner_id != by.user_id]
    for group in (mine, shared):
        for one in group[1:]:
            one["group"] = ""
    return [usual, *mine, *shared]


def _view(asked: Asked, view: SavedView, url: str, group: str) -> dict[str, Any]:
    return {
        "name": view.name,
        "url": f"{url}?view={view.pk}",
        "current": view.pk == asked.view_id,
        "group": group,
        "note": view.owner.short_name if group == _("Shared") else "",
        "is_default": view.is_default and group == _("Mine"),
    }


def _deleted_url(asked: Asked, url: str) -> str:
    if not asked.of.deleted_right or not asked.asking.by.may(asked.of.deleted_right):
        return ""
    return f"{url}?{asked.with_(deleted='' if asked.deleted else '1')}"


def draw_columns(asked: Asked) -> list[dict[str, Any]]:
    """The form of the columns: those shown, in order, then the others."""
    widths = {one.column.code: one for one in asked.shown}
    others = [column for code, column in asked.columns.items() if code not in widths]
    shown = [{"column": one.column, "width": one.width, "usual": one.is_usual, "is_shown": True} for one in asked.shown]
    return [
        *shown,
        *({"column": one, "width": one.width or one.usual_width, "usual": True, "is_shown": False} for one in others),
    ]


def draw_view_form(asked: Asked, view: SavedView | None, *, by: Actor) -> dict[str, Any]:
    may_share = by.may("lists.share_views")
    roles = list(Role.objects.all()) if may_share else []
    chosen = set(view.default_for.values_list("pk", flat=True)) if view else set()
    return {
        "list": asked.of,
        "state": asked.query,
        "url": list_url(asked.of, "views"),
        "view": view,
        "name": view.name if view else "",
        "may_share": may_share,
        "roles": [{"role": role, "chosen": role.pk in chosen} for role in roles],
    }
