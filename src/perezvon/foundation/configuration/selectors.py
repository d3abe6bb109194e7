from __future__ import annotations

from perezvon.foundation.access import Actor
from perezvon.foundation.configuration.models import Version
from perezvon.foundation.people.selectors import names_of_people
from perezvon.kernel.errors import NotFound


def list_versions(limit: int, *, by: Actor) -> list[Version]:
    """The newest first, without their texts; `by_name` of each is surname and initial, empty when nobody is told."""
    by.must("configuration.load")
    versions = list(Version.objects.defer("text")[:limit])
    names = names_of_people([key for version in versions if (key := _person(version))])
    for version in versions:
        version.by_name = names.get(_person(version) or 0, version.by)  # type: ignore[attr-defined]
    return versions


def _person(version: Version) -> int | None:
    kind, _, key = version.by.partition(":")
    return int(key) if kind == "user" else None


def get_version(number: int, *, by: Actor) -> Version:
    """Raises NotFound."""
    by.must("configuration.load")
    version = Version.objects.filter(number=number).first()
    if version is None:
        raise NotFound(version=number)
    return version


def find_before(version: Version) -> Version | None:
    """The version that it replaced."""
    return Version.objects.filter(number__lt=version.number).first()
