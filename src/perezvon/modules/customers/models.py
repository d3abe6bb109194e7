"""Persons and companies, how to reach them, what proves who they are."""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models.functions import Right

from perezvon.foundation.people.models import Project


class Kind(models.TextChoices):
    PERSON = "person"
    COMPANY = "company"
    # One system record per project, to which calls of people nobody knows are attached (F01.30).
    QUASI = "quasi"


class Status(models.TextChoices):
    POTENTIAL = "potential"
    EXISTING = "existing"
    FORMER = "former"


class Customer(models.Model):
    """A person or a company. no_middle_name: asked and there is none, which is not the same as unknown.

    code_word: a keyed hash, checked and never shown. sort_key: name folded for sorting.
    """

    id = models.UUIDField(primary_key=True)
    number = models.BigIntegerField(unique=True)
    kind = models.CharField(max_length=8, choices=Kind.choices, default=Kind.PERSON)
    status = models.CharField(max_length=10, choices=Status.choices, default=Status.POTENTIAL)
    project = models.ForeignKey(Project, on_delete=models.PROTECT, null=True, related_name="+")
    last_name = models.CharField(max_length=100, blank=True)
    first_name = models.CharField(max_length=100, blank=True)
    middle_name = models.CharField(max_length=100, blank=True)
    no_middle_name = models.BooleanField(default=False)
    company_name = models.CharField(max_length=255, blank=True)
    sex = models.CharField(max_length=1, blank=True)
    birth_date = models.DateField(null=True, blank=True)
    birth_place = models.CharField(max_length=200, blank=True)
    inn = models.CharField(max_length=12, blank=True)
    snils = models.CharField(max_length=11, blank=True)
    region = models.CharField(max_length=100, blank=True)
    zone = models.CharField(max_length=64, blank=True)
    segment = models.CharField(max_length=64, blank=True)
    workplace = models.CharField(max_length=200, blank=True)
    position = models.CharField(max_length=200, blank=True)
    source = models.CharField(max_length=100, blank=True)
    warnings = models.JSONField(default=list, blank=True)
    code_word = models.CharField(max_length=64, blank=True)
    language = models.CharField(max_length=2, default="ru")
    custom = models.JSONField(default=dict, blank=True)
    sort_key = models.CharField(max_length=320, blank=True)
    version = models.PositiveIntegerField(default=1)
    created_at = models.DateTimeField()
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    deleted_at = models.DateTimeField(null=True, blank=True)

    keeps_history = True
    history_hides = ("code_word",)

    class Meta:
        indexes: ClassVar = [
            models.Index(fields=["sort_key", "id"]),
            models.Index(fields=["inn"], condition=~models.Q(inn=""), name="customer_inn"),
        ]

    def __str__(self) -> str:
        return self.full_name

    @property
    def full_name(self) -> str:
        if self.kind == Kind.COMPANY:
            return self.company_name
        return " ".join(part for part in (self.last_name, self.first_name, self.middle_name) if part)

    @property
    def short_name(self) -> str:
        if self.kind == Kind.COMPANY:
            return self.company_name
        initials = "".join(f" {part[0]}." for part in (self.first_name, self.middle_name) if part)
        return f"{self.last_name}{initials}" if self.last_name else self.first_name


class ContactPoint(models.Model):
    """A phone or e-mail of a customer. digits: E.164 without the plus, for phones; shown as typed in `raw`.

    struck_reason: it must not be used any more, and why.
    """

    class Kind(models.TextChoices):
        PHONE = "phone"
        EMAIL = "email"

    class Use(models.TextChoices):
        CONTACT = "contact"
        MOBILE = "mobile"
        HOME = "home"
        WORK = "work"

    customer = models.ForeignKey(Customer, on_delete=models.CASCADE, related_name="points")
    kind = models.CharField(max_length=5, choices=Kind.choices)
    use = models.CharField(max_length=8, choices=Use.choices, default=Use.CONTACT)
    digits = models.CharField(max_length=20, blank=True)
    extension = models.CharField(max_length=10, blank=True)
    raw = models.CharField(max_length=254)
    is_main = models.BooleanField(default=False)
    struck_reason = models.CharField(max_length=32, blank=True)

    keeps_history = True

    class Meta:
        ordering: ClassVar = ["-is_main", "id"]
        indexes: ClassVar = [
            models.Index(fields=["digits"], condition=~models.Q(digits=""), name="point_digits"),
            models.Index(Right("digits", 7), name="point_last_seven", condition=~models.Q(digits="")),
        ]

    def __str__(self) -> str:
        return self.raw


class Document(models.Model):
    """A document of identity. number: digits and letters without spaces, series first."""

    customer = models.ForeignKey(Customer, on_delete=models.CASCADE, related_name="documents")
    kind = models.CharField(max_length=16, default="passport")
    number = models.CharField(max_length=32)
    issued_on = models.DateField(null=True, blank=True)
    issuer = models.CharField(max_length=255, blank=True)
    issuer_code = models.CharField(max_length=7, blank=True)

    keeps_history = True

    class Meta:
        indexes: ClassVar = [models.Index(fields=["number"])]

    def __str__(self) -> str:
        return f"{self.kind} {self.pk}"


class Address(models.Model):
    customer = models.ForeignKey(Customer, on_delete=models.CASCADE, related_name="addresses")
    use = models.CharField(max_length=16, default="registered")
    postcode = models.CharField(max_length=12, blank=True)
    text = models.CharField(max_length=400)

    keeps_history = True

    def __str__(self) -> str:
        return self.text


class ProductHeld(models.Model):
    """A card, account or loan of a customer, as far as the centre must know it. Commercial data.

    key_hash: keyed hash of the whole number, for search; last4 is all that can be shown.
    """

    customer = models.ForeignKey(Customer, on_delete=models.CASCADE, related_name="products")
    kind = models.CharField(max_length=16)
    name = models.CharField(max_length=200)
    key_hash = models.CharField(max_length=64, db_index=True)
    last4 = models.CharField(max_length=4, blank=True)
    balance = models.DecimalField(max_digits=14, decimal_places=2, null=True)
    currency = models.CharField(max_length=3, default="RUB")
    until = models.DateField(null=True)

    keeps_history = True
    history_hides = ("key_hash",)

    def __str__(self) -> str:
        return f"{self.name} {self.last4}"
