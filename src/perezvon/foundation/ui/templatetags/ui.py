"""Tags and filters that every template has: icons, built files, and values as people read them."""

from __future__ import annotations

import functools
import json
from datetime import timedelta
from decimal import Decimal
from pathlib import Path

from django import template
from django.templatetags.static import static
from django.utils.formats import number_format
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext

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
    """Seconds or a timedelta as 0:42, 3:12, 1:02:14. Nothing for None."""
    if length is None or length == "":
        return ""
    seconds = int(length.total_seconds()) if isinstance(length, timedelta) else int(float(str(length)))
    hours, rest = divmod(max(0, seconds), 3600)
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
