from __future__ import annotations

from typing import ClassVar

from django.db import models


class SignInAttempt(models.Model):
    """A failed sign-in, kept to slow down those who guess. login_key and address_key are keyed hashes."""

    login_key = models.CharField(max_length=64)
    address_key = models.CharField(max_length=64)
    at = models.DateTimeField()

    class Meta:
        indexes: ClassVar = [models.Index(fields=["login_key", "at"]), models.Index(fields=["address_key", "at"])]

    def __str__(self) -> str:
        return str(self.at)
