"""What is offered to customers, and where: products by kinds, offices by regions and settlements.

Prices and stock come with the modules that need them.
"""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.utils.translation import get_language

from perezvon.foundation.people.models import Project
from perezvon.kernel.texts import text_in

# As kinds of records that have an administrator's own fields.
PRODUCT, OFFICE = "product", "office"


class ProductKind(models.Model):
    """Credit, deposit, … A withdrawn kind is offered no more, nor are its products; what names them keeps them."""

    code = models.SlugField(max_length=32, unique=True)
    name = models.JSONField(default=dict)
    position = models.PositiveIntegerField(default=0)
    is_active = models.BooleanField(default=True)
    version = models.PositiveIntegerField(default=1)

    keeps_history = True
    history_shown_with = "catalogue.edit"

    class Meta:
        ordering: ClassVar = ["position", "id"]

    def __str__(self) -> str:
        return text_in(self.name, get_language() or "ru")


class Product(models.Model):
    """since, until: the first and the last day on which it is offered. project: of that one only."""

    kind = models.ForeignKey(ProductKind, on_delete=models.PROTECT, related_name="products")
    project = models.ForeignKey(Project, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    code = models.SlugField(max_length=64, unique=True)
    name = models.JSONField(default=dict)
    since = models.DateField(null=True, blank=True)
    until = models.DateField(null=True, blank=True)
    position = models.PositiveIntegerField(default=0)
    is_active = models.BooleanField(default=True)
    custom = models.JSONField(default=dict, blank=True, db_default=models.Value({}, models.JSONField()))
    version = models.PositiveIntegerField(default=1)

    keeps_history = True
    history_shown_with = "catalogue.edit"

    class Meta:
        ordering: ClassVar = ["position", "id"]
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=models.Q(since=None) | models.Q(until=None) | models.Q(until__gte=models.F("since")),
                name="product_term",
            )
        ]

    def __str__(self) -> str:
        return text_in(self.name, get_language() or "ru")


class Place(models.Model):
    """What regions, settlements and offices have in common. code: of a blueprint; it stays as it is."""

    code = models.SlugField(max_length=64, unique=True)
    name = models.JSONField(default=dict)
    position = models.PositiveIntegerField(default=0)
    is_active = models.BooleanField(default=True)
    version = models.PositiveIntegerField(default=1)

    keeps_history = True
    history_shown_with = "catalogue.edit"

    class Meta:
        abstract = True
        ordering: ClassVar = ["position", "id"]

    def __str__(self) -> str:
        return text_in(self.name, get_language() or "ru")


class Region(Place):
    """One that is withdrawn is offered no more, nor is what lies in it."""


class Settlement(Place):
    """A town or a village with offices."""

    region = models.ForeignKey(Region, on_delete=models.PROTECT, related_name="settlements")


class Office(Place):
    """Where customers come to. address, hours: texts by language, as people say them. zone: IANA, of its hours.

    landmarks: words by which it is found, such as the metro station. project: of that one only.
    """

    settlement = models.ForeignKey(Settlement, on_delete=models.PROTECT, related_name="offices")
    project = models.ForeignKey(Project, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    address = models.JSONField(default=dict)
    hours = models.JSONField(default=dict, blank=True)
    landmarks = models.CharField(max_length=300, blank=True)
    phone = models.CharField(max_length=32, blank=True)
    zone = models.CharField(max_length=64)
    custom = models.JSONField(default=dict, blank=True, db_default=models.Value({}, models.JSONField()))

    @property
    def address_text(self) -> str:
        return text_in(self.address, get_language() or "ru")

    @property
    def hours_text(self) -> str:
        return text_in(self.hours, get_language() or "ru")
