"""Values inside JSON that somebody else sent, by the paths that an administrator types: result.0.id."""

from __future__ import annotations


def value_at(read: object, path: str) -> object:
    """What stands there; an empty text where nothing does. An empty path is the whole."""
    for step in path.split(".") if path else ():
        if isinstance(read, list) and step.isdecimal() and len(step) < 6 and int(step) < len(read):
            read = read[int(step)]
        elif isinstance(read, dict):
            read = read.get(step, "")
        else:
            return ""
    return read
