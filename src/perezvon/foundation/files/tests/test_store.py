from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from perezvon.foundation.files import store

NOW = datetime.now(UTC)


@pytest.fixture(autouse=True)
def folder(settings, tmp_path):
    settings.FILES = tmp_path / "files"
    return settings.FILES


def everything(folder) -> list[str]:
    return sorted(path.name for path in folder.rglob("*") if path.is_file())


def test_the_same_content_lies_there_once_for_its_owner_only(folder):
    one = store.put([b"abc", b"def"], most=100)
    other = store.put([b"abcdef"], most=100)

    assert one == other
    assert everything(folder) == [one.sha256]
    path = store.path_of(one.sha256)
    assert path.read_bytes() == b"abcdef"
    assert path.stat().st_mode & 0o777 == 0o600


def test_too_much_is_cut_at_the_limit_and_leaves_nothing(folder):
    taken = []

    def endless():
        while True:
            taken.append(1)
            yield b"x" * 1000

    with pytest.raises(store.TooLarge):
        store.put(endless(), most=5000)

    assert len(taken) == 6
    assert everything(folder) == []


def test_an_upload_that_breaks_off_leaves_nothing(folder):
    def broken():
        yield b"half"
        raise ConnectionError

    with pytest.raises(ConnectionError):
        store.put(broken(), most=5000)

    assert everything(folder) == []


def test_only_what_is_old_enough_is_offered_for_sweeping(folder):
    content = store.put([b"abc"], most=100)

    assert list(store.old_contents(NOW)) == []
    assert [path.name for path in store.old_contents(NOW + timedelta(days=2))] == [content.sha256]
