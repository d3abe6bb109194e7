"""Every word for people exists in Russian, completely."""

from __future__ import annotations

from pathlib import Path

import pytest
from babel.messages.catalog import Message

from perezvon.project.messages import LANGUAGES, SOURCE, catalogues, read_catalogue, texts_in, texts_of, update


@pytest.mark.parametrize("language", LANGUAGES)
class TestCatalogues:
    """`perezvon messages --update` puts the first right, a translator the second."""

    def test_hold_exactly_what_the_code_says(self, language: str) -> None:
        kept = {text for path in of(language, SOURCE) for text in texts_of(read_catalogue(path))}
        said = set(texts_in(SOURCE))

        assert said
        assert {"missing": said - kept, "needless": kept - said} == {"missing": set(), "needless": set()}

    def test_are_translated_without_doubt(self, language: str) -> None:
        catalogues_read = [read_catalogue(path) for path in of(language, SOURCE)]

        assert [message.id for read in catalogues_read for message in read if message.id and not is_done(message)] == []
        assert [str(error) for read in catalogues_read for _, errors in read.check() for error in errors] == []


class TestUpdate:
    def test_adds_what_is_new_and_keeps_what_was_translated(self, tmp_path: Path) -> None:
        (tmp_path / "desk" / "locale").mkdir(parents=True)
        (tmp_path / "desk" / "views.py").write_text("_('Ring'); ngettext('%(n)s call', '%(n)s calls', 2); lazy('Old')")
        update("ru", tmp_path)
        path = tmp_path / "desk" / "locale" / "ru" / "LC_MESSAGES" / "django.po"
        path.write_text(path.read_text().replace('msgid "Ring"\nmsgstr ""', 'msgid "Ring"\nmsgstr "Звонит"'))

        (tmp_path / "desk" / "views.py").write_text("_('Ring'); ngettext('%(n)s call', '%(n)s calls', 2)")
        (tmp_path / "desk" / "a.html").write_text(
            "{% translate 'Noun' context 'month' %}\n{% include 'b' with c=_('In') %}"
        )
        (tmp_path / "top.py").write_text("_('Far')")
        update("ru", tmp_path)

        catalogue = read_catalogue(path)
        assert set(texts_of(catalogue)) == {
            ("Ring", None),
            (("%(n)s call", "%(n)s calls"), None),
            ("Noun", "month"),
            ("In", None),
        }
        assert catalogue.get("Ring").string == "Звонит"
        far = read_catalogue(tmp_path / "project" / "locale" / "ru" / "LC_MESSAGES" / "django.po")
        assert list(texts_of(far)) == [("Far", None)]


def of(language: str, source: Path) -> list[Path]:
    return [path for path in catalogues(source) if path.parts[-3] == language]


def is_done(message: Message) -> bool:
    strings = message.string if isinstance(message.string, tuple) else (message.string,)
    return not message.fuzzy and all(strings)
