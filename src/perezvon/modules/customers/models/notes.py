"""What people write on a card beside its data: comments, warnings, who belongs to whom."""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.utils.translation import override, pgettext_lazy

from perezvon.modules.customers.models.cards import Customer


class Comment(models.Model):
    """A free word on the card (F01.45). It is never changed."""

    customer = models.ForeignKey(Customer, on_delete=models.CASCADE, related_name="comments")
    text = models.TextField()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    at = models.DateTimeField()

    keeps_history = True

    class Meta:
        ordering: ClassVar = ["-at", "-id"]

    def __str__(self) -> str:
        return self.text[:60]


class Warning(models.Model):
    """Something to know before the first word is said. The card shows it until it is lifted or its last day is over.

    `Customer.warnings` holds the texts of those in force, for screens that must be fast.
    """

    class Kind(models.TextChoices):
        VIP = "vip", pgettext_lazy("warning", "VIP")
        CONFLICT = "conflict", pgettext_lazy("warning", "Conflict")
        FRAUD = "fraud", pgettext_lazy("warning", "Suspected fraud")
        ADDRESS = "address", pgettext_lazy("warning", "How to address")
        OTHER = "other", pgettext_lazy("warning", "Attention")

    customer = models.ForeignKey(Customer, on_delete=models.CASCADE, related_name="warning_rows")
    kind = models.CharField(max_length=8, choices=Kind)
    text = models.CharField(max_length=200, blank=True)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    at = models.DateTimeField()
    last_day = models.DateField(null=True, blank=True)
    lifted_at = models.DateTimeField(null=True, blank=True)

    keeps_history = True

    class Meta:
        ordering: ClassVar = ["-at", "-id"]
        indexes: ClassVar = [
            models.Index(fields=["last_day"], condition=models.Q(lifted_at=None), name="warning_in_force")
        ]

    def __str__(self) -> str:
        return self.shown

    @property
    def shown(self) -> str:
        """On the card: its own words, or in the installation's language what kind it is."""
        with override(settings.LANGUAGE_CODE):
            return self.text or str(self.get_kind_display())


class Relation(models.Model):
    """`other` is `kind` of `customer`: his wife, his employer, whom he recommended, a company's contact.

    influence: on decisions, of a company's contact (F01.47).
    """

    class Kind(models.TextChoices):
        RECOMMENDED = "recommended", pgettext_lazy("relation", "Recommended client")
        SPOUSE = "spouse", pgettext_lazy("relation", "Spouse")
        RELATIVE = "relative", pgettext_lazy("relation", "Relative")
        EMPLOYER = "employer", pgettext_lazy("relation", "Employer")
        CONTACT = "contact", pgettext_lazy("relation", "Business contact")
        REPRESENTATIVE = "representative", pgettext_lazy("relation", "Representative")
        OTHER = "other", pgettext_lazy("relation", "Other")

    class Influence(models.TextChoices):
        DECIDES = "decides", pgettext_lazy("influence", "Decides")
        ADVISES = "advises", pgettext_lazy("influence", "Has a say")
        BLOCKS = "blocks", pgettext_lazy("influence", "Can prevent")
        NONE = "", pgettext_lazy("influence", "None known")

    customer = models.ForeignKey(Customer, on_delete=models.CASCADE, related_name="relations")
    other = models.ForeignKey(Customer, on_delete=models.CASCADE, related_name="related_by")
    kind = models.CharField(max_length=16, choices=Kind)
    influence = models.CharField(max_length=8, choices=Influence, blank=True)
    note = models.CharField(max_length=200, blank=True)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    at = models.DateTimeField()

    keeps_history = True

    class Meta:
        ordering: ClassVar = ["kind", "id"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["customer", "other", "kind"], name="relation_once"),
            models.CheckConstraint(condition=~models.Q(customer=models.F("other")), name="relation_to_somebody_else"),
        ]

    def __str__(self) -> str:
        return f"{self.customer_id} {self.kind} {self.other_id}"
