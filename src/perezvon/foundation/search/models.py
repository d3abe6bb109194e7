from __future__ import annotations

from typing import ClassVar

from django.contrib.postgres.indexes import GinIndex, OpClass
from django.contrib.postgres.search import SearchVectorField
from django.db import models
from django.db.models.functions import Collate, Left

from perezvon.foundation.people.models import Project

SORTED_BY = 80


class Words(models.Func):
    """The words of a folded text as a vector, each as it is.

    Not to_tsvector: its parser takes words with digits, hyphens or dots apart in its own ways, and goes by the
    locale of the database.
    """

    template = "array_to_tsvector(string_to_array(%(expressions)s, ' '))"
    output_field = SearchVectorField()


class SearchEntry(models.Model):
    """A record that can be found. key: its id. text: its words, folded, one blank between; results are sorted by it."""

    key = models.UUIDField(primary_key=True)
    kind = models.CharField(max_length=32)
    project = models.ForeignKey(Project, on_delete=models.CASCADE, null=True, db_index=False, related_name="+")
    title = models.TextField()
    text = models.TextField()
    vector = models.GeneratedField(expression=Words("text"), output_field=SearchVectorField(), db_persist=True)

    class Meta:
        indexes: ClassVar = [
            # Without fastupdate: a lookup never has to wade through a list of pending words.
            GinIndex(fields=["vector"], name="search_vector", fastupdate=False),
            models.Index("kind", Collate(Left("text", SORTED_BY), "C"), "key", name="search_in_order"),
        ]

    def __str__(self) -> str:
        return self.title


class SearchWord(models.Model):
    """A word that occurs in records of a kind; without digits. Typed beginnings and misspelt words are looked up here.

    A word may outlive its last record; then it leads to nothing. `rebuild` sweeps those out.
    """

    kind = models.CharField(max_length=32)
    word = models.CharField(max_length=40)

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["kind", "word"], name="search_word_once")]
        indexes: ClassVar = [
            models.Index("kind", Collate("word", "C"), name="search_word_in_order"),
            GinIndex(OpClass("word", name="gin_trgm_ops"), name="search_word_trigrams"),
        ]

    def __str__(self) -> str:
        return self.word
