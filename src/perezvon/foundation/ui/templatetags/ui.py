"""Tags and filters that every template has: icons, built files, and values as people read them."""

from __future__ import annotations

import dataclasses
import functools
import json
from collections.abc import Mapping
from datetime import datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

from django import template
from django.template.context import Context
from django.template.loader import get_template
from django.templatetags.static import static
from django.utils import timezone
from django.utils.formats import date_format, number_format
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext, ngettext

from perezvon.foundation.ui.parts import with_key
from perezvon.kernel.phone import PhoneNumber, parse_phone

register = template.Library()

HERE = Path(__file__).resolve().parents[1]
NO_BREAK = "\u00a0"


@functools.cache
def icon_names() -> frozenset[str]:
    """The icons that the sprite holds."""
    lines = (HERE / "icons.txt").read_text().splitlines()
    return frozenset(name for line in lines if (name := line.split("#")[0].strip()))


@functools.cache
def _build() -> str:
    stamp = HERE / "static" / "dist" / "build.json"
    return str(json.loads(stamp.read_text())["version"]) if stamp.exists() else ""


@register.simple_tag
def asset(name: str) -> str:
    """Address of a built file, with the build's version, so that a browser never mixes two builds."""
    version = _build()
    return static(f"dist/{name}") + (f"?v={version}" if version else "")


@register.simple_tag
def icon(name: str, label: str = "") -> SafeString:
    """An icon of the sprite; with `label` it speaks for itself, without it is decoration beside a word."""
    if name not in icon_names():
        raise template.TemplateSyntaxError(f"no icon {name!r}: add it to foundation/ui/icons.txt")
    spoken = format_html('role="img" aria-label="{}"', label) if label else SafeString('aria-hidden="true"')
    return format_html(
        '<svg class="icon" {} focusable="false"><use href="{}#{}"></use></svg>', spoken, asset("icons.svg"), name
    )


@register.filter
def initials(name: object) -> str:
    """Two letters to stand for a face: the first ones of the first two words."""
    words = (word.strip("\"'\u00ab\u00bb().,") for word in str(name or "").split())
    return "".join(word[0] for word in words if word)[:2].upper()


@register.filter
def phone(number: object) -> str:
    """A number as people read it; what cannot be one is shown as it came."""
    parsed = number if isinstance(number, PhoneNumber) else parse_phone(str(number or ""))
    if parsed is None:
        return str(number or "")
    extension = f", {gettext('ext.')}{NO_BREAK}{parsed.extension}" if parsed.extension else ""
    return f"{parsed}{extension}".replace(" ", NO_BREAK)


@register.filter
def duration(length: object) -> str:
    """Seconds or a timedelta as 0:42, 3:12, 1:02:14, from a day on "2 days 5 hr". Nothing for None."""
    if length is None or length == "":
        return ""
    seconds = int(length.total_seconds()) if isinstance(length, timedelta) else int(float(str(length)))
    hours, rest = divmod(max(0, seconds), 3600)
    if days := hours // 24:
        told = ngettext("{days} day {hours} hr", "{days} days {hours} hr", days)  # as the script's timer says it
        return told.format(days=days, hours=hours % 24).replace(" ", NO_BREAK)
    minutes, seconds = divmod(rest, 60)
    return f"{hours}:{minutes:02}:{seconds:02}" if hours else f"{minutes}:{seconds:02}"


@register.filter
def money(amount: object, currency: str = "\u20bd") -> str:
    """An amount with its currency; kopecks only where there are some. Nothing for None."""
    if amount is None or amount == "":
        return ""
    value = Decimal(str(amount))
    shown = number_format(value, decimal_pos=0 if value == value.to_integral() else 2, force_grouping=True)
    return f"{shown}{NO_BREAK}{currency}".replace(" ", NO_BREAK)


@register.filter
def when(moment: datetime | None, now: datetime) -> str:
    """A past or coming moment in the person's zone: 10:12 today, "yesterday 17:20", "12 November", with the year
    when it is another one."""
    if moment is None:
        return ""
    local, today = timezone.localtime(moment), timezone.localtime(now).date()
    days = (today - local.date()).days
    clock = date_format(local, "H:i")
    if days == 0:
        return clock
    if days in (1, -1):
        word = gettext("yesterday") if days == 1 else gettext("tomorrow")
        return f"{word} {clock}"
    shown = "SHORT_DATE_FORMAT" if local.year != today.year else "MONTH_DAY_FORMAT"
    return date_format(local, shown).replace(" ", NO_BREAK)


@register.simple_tag
def timer(since: datetime | None, now: datetime) -> SafeString:
    """Time that has passed since a moment; the script keeps it going by the server's clock."""
    return _timer("since", since, now, 1)


@register.simple_tag
def countdown(until: datetime | None, now: datetime) -> SafeString:
    """Time left until a moment, at least zero."""
    return _timer("until", until, now, -1)


def _timer(kind: str, moment: datetime | None, now: datetime, sign: int) -> SafeString:
    if moment is None:
        return SafeString("")
    shown = duration(sign * (now - moment))
    return format_html(
        '<cc-timer class="num" {}="{}" aria-hidden="true">{}</cc-timer>', SafeString(kind), moment.isoformat(), shown
    )


_KEY_SIGNS = {"Shift": "\u21e7", "Enter": "\u21b5"}


@register.filter
def keys(hotkey: str) -> str:
    """A key combination as it is printed beside a button: Shift+F2 as an arrow and F2, Alt+M as "Alt M"."""
    *modifiers, key = (_KEY_SIGNS.get(part, part) for part in hotkey.split("+"))
    joined = "".join(part if part in _KEY_SIGNS.values() else f"{part} " for part in modifiers)
    return f"{joined}{key}"


@register.simple_tag
def attrs(**values: object) -> SafeString:
    """HTML attributes for a piece that takes `attrs`: hx_get=url gives hx-get="…"; True a bare one; None none."""
    pairs = ((SafeString(name.replace("_", "-")), value) for name, value in values.items())
    return format_html_join(
        "",
        "{}",
        (
            (SafeString(f" {name}") if value is True else format_html(' {}="{}"', name, value),)
            for name, value in pairs
            if value is not None and value is not False
        ),
    )


@register.simple_block_tag(takes_context=True)
def piece(context: Context, content: str, template_name: str, **values: Any) -> SafeString:
    """Like `include … only` for a piece that wraps others: what stands inside becomes its `body`."""
    # The template engine hands `content` over as rendered, already escaped output.
    inner = context.new({**values, "body": SafeString(content.strip()), "csrf_token": context.get("csrf_token")})
    rendered: str = get_template(template_name).template.render(inner)  # type: ignore[attr-defined]
    return SafeString(rendered)


@register.simple_tag(takes_context=True)
def draw(context: Context, template_name: str, values: object, **more: Any) -> SafeString:
    """Like `include … only` with all items of a mapping or dataclass: the view made a piece's context as one thing."""
    inner = context.new({**_items(values), **more, "csrf_token": context.get("csrf_token")})
    rendered: str = get_template(template_name).template.render(inner)  # type: ignore[attr-defined]
    return SafeString(rendered)


@register.simple_tag(takes_context=True)
def part(context: Context, template_name: str, values: object = None, **more: Any) -> SafeString:
    """Like `draw` for a part that is sent again only when it has changed (foundation/ui/parts.py)."""
    return with_key(draw(context, template_name, values, **more))


def _items(values: object) -> dict[str, Any]:
    if isinstance(values, Mapping):
        return dict(values)
    if dataclasses.is_dataclass(values):
        return {field.name: getattr(values, field.name) for field in dataclasses.fields(values)}
    return {}
