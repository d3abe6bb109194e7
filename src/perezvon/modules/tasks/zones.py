"""Where a telephone number says that somebody is (UX.md 3.4). A guess, and often none: mobiles move."""

from __future__ import annotations

from functools import lru_cache

import phonenumbers
from phonenumbers.timezone import time_zones_for_number

_REMAPPED = {"Europe/Bucharest": "Europe/Kaliningrad"}  # what the library says of Kaliningrad's +7 4012
_KAZAKH = "Asia/Almaty"


@lru_cache(maxsize=4096)
def zone_of_number(digits: str) -> str:
    """The only zone in which a number of that range can be, else ""."""
    try:
        number = phonenumbers.parse(f"+{digits}", None)
    except phonenumbers.NumberParseException:
        return ""
    if phonenumbers.region_code_for_number(number) == "KZ":
        return _KAZAKH
    zones = time_zones_for_number(number)
    if len(zones) != 1 or "/" not in zones[0] or zones[0].startswith("Etc/"):
        return ""
    return _REMAPPED.get(zones[0], zones[0]) if number.country_code == 7 else str(zones[0])
