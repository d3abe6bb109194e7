"""Every word for people exists in Russian, completely."""

from __future__ import annotations

import pytest
from babel.messages.catalog import Message

from perezvon.project.messages import LANGUAGES, SOURCE, catalogues, locale_folders, read_catalogue, texts_of

CATALOGUES = catalogues()


@pytest.mark.skipif(not CATALOGUES, reason="no catalogue has been begun")
class TestCatalogues:
    @pytest.mark.parametrize("folder", locale_folders(), ids=lambda folder: str(folder.relative_to(SOURCE)))
    @pytest.mark.parametrize("language", LANGUAGES)
    def test_hold_exactly_what_the_code_says(self, folder, language) -> None:
        """`perezvon messages --update` puts it right."""
        catalogue = read_catalogue(folder / language / "LC_MESSAGES" / "django.po")
        kept = {(message.id, message.context) for message in catalogue if message.id}

        assert kept == texts_of(folder.parent)

    @pytest.mark.parametrize("path", CATALOGUES, ids=lambda path: str(path.relative_to(SOURCE)))
    def test_are_translated_without_doubt(self, path) -> None:
        catalogue = read_catalogue(path)

        assert [message.id for message in catalogue if message.id and not is_done(message)] == []
        assert [str(error) for _, errors in catalogue.check() for error in errors] == []

    def test_are_there_for_all_who_speak(self) -> None:
        speaking = [part for part in SOURCE.iterdir() if part.is_dir()]
        apps = [app for part in speaking for app in ([part] if part.name == "project" else part.iterdir())]

        assert [str(app.relative_to(SOURCE)) for app in apps if is_mute(app)] == []


def is_done(message: Message) -> bool:
    strings = message.string if isinstance(message.string, tuple) else (message.string,)
    return not message.fuzzy and all(strings)


def is_mute(app) -> bool:
    """Whether it has texts outside every folder that has a catalogue."""
    return app.is_dir() and not (app / "locale").is_dir() and bool(texts_of(app))
