"""What pages with a phone in them need."""

from __future__ import annotations

import json

from django import template
from django.utils.html import format_html
from django.utils.safestring import SafeString

from perezvon.foundation import clock
from perezvon.modules.telephony.relays import ice_servers

register = template.Library()


@register.simple_tag
def ice_servers_attribute() -> SafeString:
    """`data-ice-servers="…"` for the element that opens a voice link; nothing where no relay is configured."""
    servers = ice_servers(clock.now())
    return format_html('data-ice-servers="{}"', json.dumps(servers)) if servers else SafeString("")
