"""Contracts with customers, how their tariff changed, what was lost under them (F01.09, F01.19)."""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models.functions import Upper
from django.utils.translation import pgettext_lazy

from perezvon.modules.catalogue.models import Product
from perezvon.modules.customers.models.cards import Customer


class Contract(models.Model):
    """number: as it stands on the paper. partner: who is bound by it beside us, as the insurer of a policy is.

    ends_on: its last day. sum: in `currency`. tariff: the one in force; how it changed stands in TariffChange.
    """

    class State(models.TextChoices):
        ACTIVE = "active", pgettext_lazy("contract", "In force")
        SUSPENDED = "suspended", pgettext_lazy("contract", "Suspended")
        CLOSED = "closed", pgettext_lazy("contract", "Closed")

    id = models.UUIDField(primary_key=True)
    number = models.CharField(max_length=64)
    customer = models.ForeignKey(Customer, on_delete=models.PROTECT, related_name="contracts")
    partner = models.ForeignKey(Customer, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    product = models.ForeignKey(Product, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    state = models.CharField(max_length=10, choices=State, default=State.ACTIVE)
    signed_on = models.DateField(null=True, blank=True)
    begins_on = models.DateField(null=True, blank=True)
    ends_on = models.DateField(null=True, blank=True)
    sum = models.DecimalField(max_digits=16, decimal_places=2, null=True, blank=True)
    currency = models.CharField(max_length=3, default="RUB")
    tariff = models.CharField(max_length=200, blank=True)
    custom = models.JSONField(default=dict, blank=True)
    version = models.PositiveIntegerField(default=1)
    created_at = models.DateTimeField()
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")

    keeps_history = True
    history_shown_with = "customers.view_contracts"
    history_masks = ("custom", "sum")
    history_hides = ("version",)

    class Meta:
        ordering: ClassVar = ["-begins_on", "number", "id"]
        indexes: ClassVar = [
            models.Index(Upper("number"), name="contract_number"),
            models.Index(fields=["-created_at", "-id"], name="contract_newest"),
        ]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["customer", "number"], name="contract_once"),
            models.CheckConstraint(
                condition=models.Q(begins_on=None) | models.Q(ends_on=None)
                | models.Q(ends_on__gte=models.F("begins_on")),
                name="contract_term",
            ),
        ]  # fmt: skip

    def __str__(self) -> str:
        return self.number


class TariffChange(models.Model):
    """From `on` the contract has another tariff. Never changed."""

    contract = models.ForeignKey(Contract, on_delete=models.CASCADE, related_name="tariff_changes")
    on = models.DateField()
    before = models.CharField(max_length=200, blank=True)
    after = models.CharField(max_length=200)
    reason = models.CharField(max_length=300, blank=True)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    at = models.DateTimeField()

    keeps_history = True
    history_shown_with = "customers.view_contracts"

    class Meta:
        ordering: ClassVar = ["-on", "-id"]

    def __str__(self) -> str:
        return f"{self.before} > {self.after}"


class Loss(models.Model):
    """A loss under a contract: what happened, when, how much. sum: in the contract's currency."""

    contract = models.ForeignKey(Contract, on_delete=models.CASCADE, related_name="losses")
    on = models.DateField()
    what = models.CharField(max_length=300)
    sum = models.DecimalField(max_digits=16, decimal_places=2, null=True, blank=True)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    at = models.DateTimeField()

    keeps_history = True
    history_shown_with = "customers.view_contracts"
    history_masks = ("sum",)

    class Meta:
        ordering: ClassVar = ["-on", "-id"]

    def __str__(self) -> str:
        return self.what
