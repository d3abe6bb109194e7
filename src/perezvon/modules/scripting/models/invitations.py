"""Customers who were asked to fill in a questionnaire by themselves, by a link."""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.db import models

from perezvon.foundation.people.models import Project
from perezvon.modules.customers.models import Customer
from perezvon.modules.interactions.models import Interaction
from perezvon.modules.scripting.models.definitions import Scenario
from perezvon.modules.scripting.models.runs import Run


class Invitation(models.Model):
    """secret: SHA-256 of what the link ends with; whoever has the link answers this one, and sees nothing else.

    contact: in which he was asked, if in one. until: the link's last moment. run: once he has begun.
    """

    id = models.UUIDField(primary_key=True)
    secret = models.CharField(max_length=64, unique=True)
    scenario = models.ForeignKey(Scenario, on_delete=models.PROTECT, related_name="+")
    customer = models.ForeignKey(Customer, on_delete=models.PROTECT, related_name="+")
    project = models.ForeignKey(Project, on_delete=models.PROTECT, related_name="+")
    contact = models.ForeignKey(Interaction, on_delete=models.SET_NULL, null=True, related_name="+")
    run = models.OneToOneField(Run, on_delete=models.SET_NULL, null=True, related_name="invitation")
    asked_at = models.DateTimeField()
    until = models.DateTimeField()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")

    class Meta:
        ordering: ClassVar = ["asked_at", "id"]

    def __str__(self) -> str:
        return f"{self.scenario_id} {self.asked_at:%d.%m.%Y %H:%M}"
