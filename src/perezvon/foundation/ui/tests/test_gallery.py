"""Every component in every state can be drawn, in both languages, by the rules of the house."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from pathlib import Path

import pytest
from django.contrib.auth.models import AnonymousUser
from django.template.loader import render_to_string
from django.test import RequestFactory
from django.utils import translation

from perezvon.foundation.ui.gallery import STORIES, load_gallery
from perezvon.foundation.ui.templatetags.ui import icon_names

NOW = datetime(2026, 11, 22, 7, 14, 2, tzinfo=UTC)
SOURCE = Path(__file__).resolve().parents[3]
TEMPLATES = sorted(SOURCE.glob("**/templates/**/*.html"))
GALLERY = load_gallery(NOW)
DOCUMENTS = [("desk/desk.html", state, values) for state, values in GALLERY.desks.items()] + [
    (page.template, name, page.context) for name, page in GALLERY.pages.items()
]


def page(template: str, values: dict[str, object]) -> str:
    request = RequestFactory().get("/ui/")
    request.user = AnonymousUser()
    return render_to_string(template, {**values, "now": NOW, "server_now": NOW, "user": request.user}, request)


@pytest.mark.parametrize("language", ["ru", "en"])
class TestDocuments:
    @pytest.mark.parametrize(("template", "name", "values"), DOCUMENTS, ids=[name for _, name, _ in DOCUMENTS])
    def test_are_drawn_whole(self, template, name, values, language):
        with translation.override(language):
            drawn = page(template, values)

        assert f'<html lang="{language}"' in drawn
        assert drawn.rstrip().endswith("</html>")
        assert ids_given_twice(drawn) == []

    def test_the_gallery_shows_each_story(self, language):
        with translation.override(language):
            drawn = page("ui/gallery.html", {"gallery": load_gallery(NOW)})

        assert drawn.count('class="story"') == sum(len(stories) for stories in GALLERY.groups.values())


class TestTemplates:
    def test_begin_with_their_contract(self):
        bare = [path.name for path in TEMPLATES if "{% comment %}" not in path.read_text()[:200]]

        assert TEMPLATES
        assert bare == []

    def test_bring_no_style_or_script_of_their_own(self):
        forbidden = re.compile(r"""\sstyle=|\son[a-z]+=["']|<style|<script(?![^>]*\ssrc=)|hx-on|javascript:""")
        found = {path.name: hit.group() for path in TEMPLATES if (hit := forbidden.search(path.read_text()))}

        assert found == {}

    def test_name_only_icons_that_the_sprite_has(self):
        named = {name for path in TEMPLATES for name in re.findall(r'icon[ =]"([a-z0-9-]+)"', path.read_text())}
        told = set(re.findall(r"icon: ([a-z-]+)", STORIES.read_text())) - {"null"}

        assert (named | told) - icon_names() == set()


def ids_given_twice(drawn: str) -> list[str]:
    seen: set[str] = set()
    return [name for name in re.findall(r'\sid="([^"]+)"', drawn) if name in seen or seen.add(name)]  # type: ignore[func-returns-value]
