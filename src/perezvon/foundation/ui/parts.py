"""Parts of a page that are sent again only when they have changed.

    <section id="callbar"> <input type="hidden" name="callbar" data-part value=""> ... </section>

A part is drawn with its key in the hidden field, by the tag `part` or by `with_key`. The page sends the fields marked
`data-part` along when it asks what is new. The key is a digest of what is drawn without the running times, which the
script keeps going by itself.
"""

from __future__ import annotations

import re
from hashlib import blake2b

from django.utils.safestring import SafeString

_NO_KEY = 'data-part value=""'
_KEY = re.compile(r'name="(\w+)" data-part value="([^"]*)"')
_RUNNING = re.compile(r"(<cc-timer[^>]*>)[^<]*")


def with_key(html: str) -> SafeString:
    """A rendered part with its key."""
    key = blake2b(_RUNNING.sub(r"\1", html).encode(), digest_size=8).hexdigest()
    # What was rendered is escaped already, and the key is hexadecimal.
    return SafeString(html.replace(_NO_KEY, f'data-part value="{key}"', 1))


def has_key(html: str, key: str) -> bool:
    """Whether a part drawn by `with_key` is what a browser shows that says `key`."""
    return bool(key) and f'data-part value="{key}"' in html


def for_its_place(html: str, element_id: str) -> str:
    """The part as a piece of any answer: htmx puts it where the element of that id stands."""
    place = f'id="{element_id}"'
    return html.replace(place, f'{place} hx-swap-oob="true"', 1)


def keys_in(html: str) -> dict[str, str]:
    """What a browser that got this sends along, by the names of the parts."""
    return dict(_KEY.findall(html))
