from __future__ import annotations

from datetime import datetime
from typing import ClassVar, Self
from uuid import UUID

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.contrib.postgres.search import SearchVectorField
from django.db import models
from django.db.models import Q
from django.utils.translation import get_language, pgettext_lazy
from django.utils.translation import gettext_lazy as lazy

from perezvon.foundation.people.models import Project
from perezvon.kernel.texts import text_in
from perezvon.modules.catalogue.models import Product
from perezvon.modules.topics.models import Topic


class Section(models.Model):
    """A branch of the tree. A library holds problems and their solutions; there may be several.

    project: of what stands in it, when it is one line of business alone that needs it.
    """

    parent = models.ForeignKey("self", on_delete=models.PROTECT, null=True, blank=True, related_name="children")
    code = models.SlugField(unique=True)
    name = models.JSONField(default=dict)
    project = models.ForeignKey(Project, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    is_library = models.BooleanField(default=False)
    position = models.PositiveIntegerField(default=0)
    is_active = models.BooleanField(default=True)
    version = models.PositiveIntegerField(default=1)

    keeps_history = True
    history_shown_with = "knowledge.arrange"

    class Meta:
        ordering: ClassVar = ["position", "id"]

    def __str__(self) -> str:
        return text_in(self.name, get_language() or "ru")


class Kind(models.TextChoices):
    ARTICLE = "article", lazy("Article")
    SOLUTION = "solution", lazy("Solution")
    DOCUMENT = "document", lazy("Document")
    LINK = "link", lazy("Link to another site")
    OPERATION = "operation", lazy("Operation for the customer")


class Audience(models.TextChoices):
    """What customers may see of it, in the portal and in letters."""

    STAFF = "staff", lazy("Nothing: for the staff alone")
    BRIEF = "brief", lazy("What to tell the customer, not the rest")
    ALL = "all", lazy("All of it")


class ArticleQuerySet(models.QuerySet["Article"]):
    def published(self, now: datetime) -> Self:
        """Those that are to be seen at this moment."""
        begun = self.filter(deleted_at=None, current__isnull=False, shown_from__lte=now)
        return begun.filter(Q(shown_until=None) | Q(shown_until__gt=now))


class Article(models.Model):
    """One thing that is known: `current` is what it says, if it has been approved; the newest draft may say more.

    used, solved, not_solved: how often it was taken for a problem, and what came of it. check_by: by which day
    somebody has to look whether it is still true. operation: a code of registry.py. original: the article that this one
    says in another language.
    """

    id = models.UUIDField(primary_key=True)
    number = models.BigIntegerField(unique=True)
    section = models.ForeignKey(Section, on_delete=models.PROTECT, related_name="articles")
    kind = models.CharField(max_length=12, choices=Kind, default=Kind.ARTICLE)
    audience = models.CharField(max_length=8, choices=Audience, default=Audience.STAFF)
    url = models.URLField(max_length=500, blank=True)
    operation = models.CharField(max_length=40, blank=True)
    language = models.CharField(max_length=2, default="ru")
    original = models.ForeignKey("self", on_delete=models.PROTECT, null=True, blank=True, related_name="translations")
    topics = models.ManyToManyField(Topic, blank=True, related_name="+")
    products = models.ManyToManyField(Product, blank=True, related_name="+")
    current = models.ForeignKey(
        "ArticleVersion", on_delete=models.PROTECT, null=True, blank=True, related_name="+", db_constraint=True
    )
    shown_from = models.DateTimeField()
    shown_until = models.DateTimeField(null=True, blank=True)
    check_by = models.DateField(null=True, blank=True)
    read = models.PositiveIntegerField(default=0)
    used = models.PositiveIntegerField(default=0)
    solved = models.PositiveIntegerField(default=0)
    not_solved = models.PositiveIntegerField(default=0)
    author = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    created_at = models.DateTimeField()
    deleted_at = models.DateTimeField(null=True, blank=True)
    version = models.PositiveIntegerField(default=1)

    objects = ArticleQuerySet.as_manager()

    keeps_history = True
    history_shown_with = "knowledge.write"
    history_hides: ClassVar = ("read", "used", "solved", "not_solved")

    class Meta:
        ordering: ClassVar = ["number"]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["original", "language"], condition=Q(deleted_at=None), name="one_article_a_language"
            )
        ]
        indexes: ClassVar = [models.Index(fields=["-used"], name="articles_by_use")]

    def __str__(self) -> str:
        return f"KB-{self.number}"

    @property
    def root(self) -> UUID:
        """The same for all translations of one article."""
        return self.original_id or self.pk


class State(models.TextChoices):
    """Of a version. Nobody finds a draft but those who write; only one version of an article is in force."""

    DRAFT = "draft", pgettext_lazy("article", "Draft")
    WAITING = "waiting", pgettext_lazy("article", "Not checked yet")
    IN_FORCE = "in_force", pgettext_lazy("article", "In force")
    REPLACED = "replaced", pgettext_lazy("article", "Replaced")
    REFUSED = "refused", pgettext_lazy("article", "Sent back")


class ArticleVersion(models.Model):
    """What an article says. brief: what to tell the customer. body: HTML, cleaned when it was saved.

    words: for the search: title, keywords, brief, body and the texts of files, in this order of weight.
    """

    article = models.ForeignKey(Article, on_delete=models.CASCADE, related_name="versions")
    number = models.PositiveIntegerField()
    title = models.CharField(max_length=200)
    keywords = models.CharField(max_length=500, blank=True)
    brief = models.TextField(blank=True)
    body = models.TextField(blank=True)
    state = models.CharField(max_length=12, choices=State, default=State.DRAFT)
    author = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    written_at = models.DateTimeField()
    judged_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    judged_at = models.DateTimeField(null=True, blank=True)
    judgement = models.CharField(max_length=500, blank=True)
    words = SearchVectorField(null=True)

    keeps_history = True
    history_shown_with = "knowledge.write"
    history_hides: ClassVar = ("words",)

    class Meta:
        ordering: ClassVar = ["-number"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["article", "number"], name="one_version_a_number"),
            models.UniqueConstraint(
                fields=["article"], condition=Q(state__in=["draft", "waiting"]), name="one_draft_an_article"
            ),
        ]
        indexes: ClassVar = [
            GinIndex(fields=["words"], name="article_words", condition=Q(state="in_force")),
            GinIndex(
                fields=["title"], opclasses=["gin_trgm_ops"], name="article_titles", condition=Q(state="in_force")
            ),
        ]

    def __str__(self) -> str:
        return self.title


class Consulted(models.Model):
    """Somebody opened an article while he served a contact. contact: its key; contacts lie above this module."""

    article = models.ForeignKey(Article, on_delete=models.CASCADE, related_name="+")
    contact = models.UUIDField()
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    at = models.DateTimeField()

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["contact", "article"], name="consulted_once")]

    def __str__(self) -> str:
        return f"{self.article_id} {self.contact}"


class Verdict(models.TextChoices):
    USED = "used", lazy("taken for the problem")
    SOLVED = "solved", lazy("solved the problem")
    NOT_SOLVED = "not_solved", lazy("did not help")


class Use(models.Model):
    """An article was taken for a problem: a contact, a case. subject: "case", "contact"; record: its key."""

    article = models.ForeignKey(Article, on_delete=models.CASCADE, related_name="uses")
    subject = models.CharField(max_length=32)
    record = models.UUIDField()
    verdict = models.CharField(max_length=12, choices=Verdict, default=Verdict.USED)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    at = models.DateTimeField()

    keeps_history = True
    history_shown_with = "knowledge.view"

    class Meta:
        ordering: ClassVar = ["-at", "-id"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["subject", "record", "article"], name="one_use_a_record"),
        ]
        indexes: ClassVar = [models.Index(fields=["article", "-at"], name="uses_of_article")]

    def __str__(self) -> str:
        return f"{self.article_id} {self.subject} {self.verdict}"


class Synonyms(models.Model):
    """Words that mean the same when somebody looks for one of them."""

    words = ArrayField(models.CharField(max_length=60))
    version = models.PositiveIntegerField(default=1)

    keeps_history = True
    history_shown_with = "knowledge.arrange"

    class Meta:
        ordering: ClassVar = ["id"]

    def __str__(self) -> str:
        return ", ".join(self.words)


class Unanswered(models.Model):
    """Something that was looked for and not found: what is missing from the base. asked: how often, lately at `at`."""

    text = models.CharField(max_length=200, unique=True)
    asked = models.PositiveIntegerField(default=1)
    at = models.DateTimeField()
    is_settled = models.BooleanField(default=False)

    class Meta:
        ordering: ClassVar = ["-asked", "-at"]

    def __str__(self) -> str:
        return self.text
