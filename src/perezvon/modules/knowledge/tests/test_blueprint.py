from __future__ import annotations

import pytest

from perezvon.modules.knowledge.blueprint import export_knowledge, load_knowledge
from perezvon.modules.knowledge.models import Article, Section, Synonyms
from perezvon.modules.knowledge.tests.conftest import BY, NOW

pytestmark = pytest.mark.django_db

PART = {
    "knowledge_sections": [
        {
            "code": "products",
            "name": {"en": "Products"},
            "below": [{"code": "fees", "name": {"en": "Fees"}, "project": "loans", "in_use": False}],
        },
        {"code": "solutions", "name": {"en": "Solutions"}, "library": True},
    ],
    "synonyms": [["card", "plastic"]],
}


def test_the_tree_and_the_words_stand_in_a_blueprint(loans):
    load_knowledge(PART, BY, NOW)
    out = export_knowledge()
    before = list(Section.objects.values_list("code", "version"))

    for part in (PART, out):
        load_knowledge(part, BY, NOW)

    assert export_knowledge() == out
    assert list(Section.objects.values_list("code", "version")) == before
    fees = Section.objects.get(code="fees")
    assert (fees.parent.code, fees.project, fees.is_active) == ("products", loans, False)
    assert Synonyms.objects.get().words == ["card", "plastic"]


def test_what_it_does_not_name_stays_and_what_it_names_changes(loans, put):
    put("Card is lost")
    load_knowledge(PART, BY, NOW)

    load_knowledge(
        {
            "knowledge_sections": [{"code": "fees", "name": {"en": "Fees and tariffs"}}],
            "synonyms": [["plastic", "card", "bank card"], ["fee", "tariff"]],
        },
        BY,
        NOW,
    )

    fees = Section.objects.get(code="fees")
    assert (fees.name, fees.parent, fees.is_active) == ({"en": "Fees and tariffs"}, None, True)
    assert set(Section.objects.values_list("code", flat=True)) == {"cards", "products", "solutions", "fees"}
    assert [row.words for row in Synonyms.objects.all()] == [["plastic", "card", "bank card"], ["fee", "tariff"]]
    assert Article.objects.count() == 1
