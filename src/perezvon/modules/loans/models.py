"""What a credit bureau was asked, and for which products it may be."""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.utils.translation import pgettext_lazy

from perezvon.modules.catalogue.models import Product
from perezvon.modules.customers.models import Customer
from perezvon.modules.interactions.models import Interaction
from perezvon.modules.scripting.models import Run


class BureauProduct(models.Model):
    """A product that a conversation must be about for the bureau to be asked (F19.18)."""

    product = models.OneToOneField(Product, on_delete=models.CASCADE, related_name="+")

    keeps_history = True
    history_shown_with = "loans.set_up"

    class Meta:
        ordering: ClassVar = ["product__position", "product__id"]

    def __str__(self) -> str:
        return str(self.product)


class BureauInquiry(models.Model):
    """One question to the bureau, kept before it is put. passport_end: the last four digits, the rest is nowhere here.

    answered_at: when it decided, or was found to be away; None while it is under way, or for ever if the asking
    process was killed. decision: "" then, and when it was away.
    """

    class Decision(models.TextChoices):
        APPROVED = "approved", pgettext_lazy("credit bureau", "Approved")
        REFUSED = "refused", pgettext_lazy("credit bureau", "Refused")

    id = models.UUIDField(primary_key=True)
    interaction = models.ForeignKey(Interaction, on_delete=models.PROTECT, related_name="+")
    customer = models.ForeignKey(Customer, on_delete=models.PROTECT, related_name="+")
    run = models.ForeignKey(Run, on_delete=models.PROTECT, related_name="+")
    product = models.ForeignKey(Product, on_delete=models.PROTECT, related_name="+")
    passport_end = models.CharField(max_length=4, blank=True)
    asked_at = models.DateTimeField()
    answered_at = models.DateTimeField(null=True)
    decision = models.CharField(max_length=8, choices=Decision, blank=True)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")

    class Meta:
        ordering: ClassVar = ["asked_at", "id"]

    def __str__(self) -> str:
        return f"{self.product} {self.asked_at:%d.%m.%Y %H:%M}"
