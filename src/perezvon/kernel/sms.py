"""What a text costs as a short message: parts of 160 or 70 signs (3GPP TS 23.038, 23.040)."""

from __future__ import annotations

from dataclasses import dataclass

_BASIC = frozenset(
    "@\u00a3$\u00a5\u00e8\u00e9\u00f9\u00ec\u00f2\u00c7\n\u00d8\u00f8\r\u00c5\u00e5\u0394_\u03a6\u0393\u039b\u03a9\u03a0"
    "\u03a8\u03a3\u0398\u039e\u00c6\u00e6\u00df\u00c9 !\"#\u00a4%&'()*+,-./0123456789:;<=>?"
    "\u00a1ABCDEFGHIJKLMNOPQRSTUVWXYZ"
    "\u00c4\u00d6\u00d1\u00dc\u00a7\u00bfabcdefghijklmnopqrstuvwxyz\u00e4\u00f6\u00f1\u00fc\u00e0"
)
_EXTENDED = frozenset("\f^{}\\[~]|\u20ac")  # each takes two places
_ONE = {"GSM-7": 160, "UCS-2": 70}
_MANY = {"GSM-7": 153, "UCS-2": 67}  # six bytes of each part say which part it is


@dataclass(frozen=True, slots=True)
class Size:
    """used: places of the alphabet; left: how many more fit into the last part."""

    alphabet: str
    used: int
    parts: int
    left: int


def size_of(text: str) -> Size:
    """How many parts a text becomes. A sign of two places never stands in two parts."""
    alphabet = "GSM-7" if set(text) <= _BASIC | _EXTENDED else "UCS-2"
    widths = [_width(sign, alphabet) for sign in text]
    used = sum(widths)
    if used <= _ONE[alphabet]:
        return Size(alphabet, used, 1 if text else 0, _ONE[alphabet] - used)
    parts, here = 1, 0
    for width in widths:
        if here + width > _MANY[alphabet]:
            parts, here = parts + 1, 0
        here += width
    return Size(alphabet, used, parts, _MANY[alphabet] - here)


def _width(sign: str, alphabet: str) -> int:
    if alphabet == "UCS-2":
        return 2 if ord(sign) > 0xFFFF else 1
    return 2 if sign in _EXTENDED else 1
