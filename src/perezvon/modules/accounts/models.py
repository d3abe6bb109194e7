from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as lazy

from perezvon.foundation.people.models import Project, Role


class LetsIn(models.Model):
    """Somebody of the company's who knows its people. One row at most of each kind.

    secret: encrypted. newcomer_role: of people who are known there and not here yet; without one they are not let in.
    roles: {name of a group there: code of a role here}, for newcomers, the first that fits.
    """

    is_on = models.BooleanField(default=False)
    secret = models.TextField(blank=True)
    newcomer_role = models.ForeignKey(Role, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    newcomer_projects = models.ManyToManyField(Project, blank=True, related_name="+")
    roles = models.JSONField(default=dict, blank=True)
    version = models.PositiveIntegerField(default=1)

    keeps_history = True
    history_hides: ClassVar = ("secret",)
    history_shown_with = "accounts.directory"

    class Meta:
        abstract = True


class CompanyDirectory(LetsIn):
    """The directory of people of the company, asked for the passwords of those whom it keeps."""

    url = models.CharField(max_length=200)
    start_tls = models.BooleanField(default=True)
    ca = models.TextField(blank=True)
    base = models.CharField(max_length=300)
    account = models.CharField(max_length=300, blank=True)
    person_filter = models.CharField(max_length=300, default="(sAMAccountName={login})")
    attributes = models.JSONField(default=dict)

    def __str__(self) -> str:
        return self.url

    @property
    def way(self) -> tuple[object, ...]:
        """Where the secret goes."""
        return self.url, self.account, self.start_tls, self.ca


class SignInProvider(LetsIn):
    """The identity provider of the company (OpenID Connect), at which people sign in whom it keeps."""

    issuer = models.CharField(max_length=300)
    client_id = models.CharField(max_length=200)
    ca = models.TextField(blank=True)
    scope = models.CharField(max_length=300, default="openid profile email")
    claims = models.JSONField(default=dict)

    def __str__(self) -> str:
        return self.issuer

    @property
    def way(self) -> tuple[object, ...]:
        """Where the secret goes."""
        return self.issuer, self.client_id, self.ca


class SignInAttempt(models.Model):
    """A failed sign-in, kept to slow down those who guess. login_key and address_key are keyed hashes."""

    login_key = models.CharField(max_length=64)
    address_key = models.CharField(max_length=64)
    at = models.DateTimeField()

    class Meta:
        indexes: ClassVar = [models.Index(fields=["login_key", "at"]), models.Index(fields=["address_key", "at"])]

    def __str__(self) -> str:
        return str(self.at)


class SignedIn(models.Model):
    """Somebody signed in on a device: a session of Django's with what its owner wants to know of it."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    session = models.CharField(max_length=40, unique=True)
    began_at = models.DateTimeField()
    seen_at = models.DateTimeField()
    address = models.CharField(max_length=45)
    browser = models.CharField(max_length=300, blank=True)

    class Meta:
        ordering: ClassVar = ["-seen_at", "-id"]

    def __str__(self) -> str:
        return f"{self.user_id} {self.began_at}"


class Authenticator(models.Model):
    """An application that shows codes by time (RFC 6238). secret is encrypted; last_step: a code is taken once.

    Without confirmed_at it was shown and nothing was proved yet, so it is not asked for.
    """

    user = models.OneToOneField(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, primary_key=True, related_name="+")
    secret = models.TextField()
    confirmed_at = models.DateTimeField(null=True)
    last_step = models.BigIntegerField(default=0)

    def __str__(self) -> str:
        return str(self.user_id)


class BackupCode(models.Model):
    """A code for the day on which the telephone is lost. Kept as a keyed hash, good once."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    key = models.CharField(max_length=64)
    used_at = models.DateTimeField(null=True)

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["user", "key"], name="one_backup_code")]

    def __str__(self) -> str:
        return str(self.user_id)


class SentCode(models.Model):
    """The newest code that was sent to somebody. Kept as a keyed hash; tries: wrong ones so far."""

    class Channel(models.TextChoices):
        SMS = "sms", lazy("SMS")
        EMAIL = "email", lazy("e-mail")

    user = models.OneToOneField(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, primary_key=True, related_name="+")
    key = models.CharField(max_length=64)
    channel = models.CharField(max_length=8, choices=Channel)
    sent_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    tries = models.PositiveSmallIntegerField(default=0)

    def __str__(self) -> str:
        return f"{self.user_id} {self.sent_at}"


class TrustedDevice(models.Model):
    """A browser on which a code was given, and that is asked for none until then. key: hash of its cookie."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    key = models.CharField(max_length=64, unique=True)
    browser = models.CharField(max_length=300, blank=True)
    trusted_at = models.DateTimeField()
    until = models.DateTimeField()

    class Meta:
        ordering: ClassVar = ["-trusted_at", "-id"]

    def __str__(self) -> str:
        return f"{self.user_id} {self.until}"
