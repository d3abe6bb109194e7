"""What a customer allows: consents by purpose and channel, the do-not-contact register, who acts for him."""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.utils.formats import date_format
from django.utils.translation import get_language, gettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from perezvon.foundation.people.models import Project
from perezvon.kernel.texts import text_in
from perezvon.modules.customers.models.cards import Customer


class Channel(models.TextChoices):
    """How somebody is contacted. ANY: on all of them."""

    ANY = "any", pgettext_lazy("channel", "Any channel")
    CALL = "call", pgettext_lazy("channel", "Call")
    SMS = "sms", pgettext_lazy("channel", "SMS")
    EMAIL = "email", pgettext_lazy("channel", "E-mail")
    POST = "post", pgettext_lazy("channel", "Post")


class Purpose(models.Model):
    """What personal data are used for and people are contacted for. project: of that one only.

    needs_consent: nobody is contacted for it who has not agreed. A withdrawn purpose stays on consents that name it.
    """

    project = models.ForeignKey(Project, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    code = models.SlugField(max_length=32)
    name = models.JSONField(default=dict)
    needs_consent = models.BooleanField(default=False)
    position = models.PositiveIntegerField(default=0)
    is_active = models.BooleanField(default=True)
    version = models.PositiveIntegerField(default=1)

    keeps_history = True
    history_shown_with = "customers.edit_purposes"

    class Meta:
        ordering: ClassVar = ["position", "id"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["project", "code"], nulls_distinct=False, name="purpose_code")
        ]

    def __str__(self) -> str:
        return text_in(self.name, get_language() or "ru")


class Consent(models.Model):
    """A customer's word on a purpose: given, or withdrawn. Never changed; the latest that covers a channel counts.

    on: the day he said it. source: how it was obtained. proof: the text, a reference or the number of the contact.
    until: its last day, if it has one.
    """

    class Source(models.TextChoices):
        CALL = "call", pgettext_lazy("consent", "Said on the telephone")
        WRITING = "writing", pgettext_lazy("consent", "In writing")
        OFFICE = "office", pgettext_lazy("consent", "In the office")
        SITE = "site", pgettext_lazy("consent", "On the site")
        MESSAGE = "message", pgettext_lazy("consent", "In a message")
        IMPORT = "import", pgettext_lazy("consent", "With an import")
        OTHER = "other", pgettext_lazy("consent", "Otherwise")

    customer = models.ForeignKey(Customer, on_delete=models.CASCADE, related_name="consents")
    purpose = models.ForeignKey(Purpose, on_delete=models.PROTECT, related_name="+")
    channel = models.CharField(max_length=8, choices=Channel, default=Channel.ANY)
    is_given = models.BooleanField()
    on = models.DateField()
    until = models.DateField(null=True, blank=True)
    source = models.CharField(max_length=8, choices=Source)
    proof = models.CharField(max_length=500, blank=True)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    at = models.DateTimeField()

    keeps_history = True
    history_shown_with = "customers.view_journal"

    class Meta:
        ordering: ClassVar = ["-on", "-id"]

    def __str__(self) -> str:
        return f"{self.customer_id} {self.purpose_id} {self.channel} {self.is_given}"


class ContactBan(models.Model):
    """A line of the do-not-contact register: of a person, of a number or address, or of both.

    address: digits of a telephone, an e-mail in small letters; a keyed hash of
    either once it was erased. purpose: of that one only, else whatever for.
    until: its last day. Lifting needs a reason; the line stays.
    """

    class Source(models.TextChoices):
        CLIENT = "client", pgettext_lazy("ban", "The customer")
        OPERATOR = "operator", pgettext_lazy("ban", "His telephone company")
        COURT = "court", pgettext_lazy("ban", "A court")
        REGULATOR = "regulator", pgettext_lazy("ban", "An authority")
        INTERNAL = "internal", pgettext_lazy("ban", "Our own decision")

    customer = models.ForeignKey(Customer, on_delete=models.CASCADE, null=True, blank=True, related_name="bans")
    address = models.CharField(max_length=254, blank=True)
    channel = models.CharField(max_length=8, choices=Channel, default=Channel.ANY)
    purpose = models.ForeignKey(Purpose, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    until = models.DateField(null=True, blank=True)
    source = models.CharField(max_length=10, choices=Source, default=Source.CLIENT)
    reason = models.CharField(max_length=500)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    at = models.DateTimeField()
    lifted_at = models.DateTimeField(null=True, blank=True)
    lifted_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    lift_reason = models.CharField(max_length=500, blank=True)

    keeps_history = True
    history_shown_with = "customers.view_bans"

    class Meta:
        ordering: ClassVar = ["-at", "-id"]
        indexes: ClassVar = [
            models.Index(
                fields=["address"], name="ban_address", condition=models.Q(lifted_at=None) & ~models.Q(address="")
            ),
            models.Index(fields=["customer"], name="ban_customer", condition=models.Q(lifted_at=None)),
            models.Index(fields=["-at", "-id"], name="ban_newest"),
        ]
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=models.Q(customer__isnull=False) | ~models.Q(address=""), name="ban_of_somebody"
            ),
        ]

    def __str__(self) -> str:
        return self.shown

    @property
    def shown(self) -> str:
        """What it forbids, for people: "+79161234567, Call, Advertising, until 01.02.2027"."""
        address = f"+{self.address}" if self.address.isdigit() else self.address
        address = gettext("an erased number") if address.startswith("#") else address
        until = gettext("until {day}").format(day=date_format(self.until, "SHORT_DATE_FORMAT")) if self.until else ""
        parts = (address, str(self.get_channel_display()), str(self.purpose or ""), until)
        return ", ".join(part for part in parts if part)


class Representative(models.Model):
    """Who may speak and act for a customer. person: his own card, if he has one; else name and phone say who he is.

    document: what his authority rests on; scope: what it covers, in words. until: its last day.
    """

    class Authority(models.TextChoices):
        ATTORNEY = "attorney", pgettext_lazy("authority", "Power of attorney")
        PARENT = "parent", pgettext_lazy("authority", "Parent")
        GUARDIAN = "guardian", pgettext_lazy("authority", "Guardian")
        HEAD = "head", pgettext_lazy("authority", "Head of the organisation")
        STAFF = "staff", pgettext_lazy("authority", "Employee of the organisation")
        OTHER = "other", pgettext_lazy("authority", "Other authority")

    customer = models.ForeignKey(Customer, on_delete=models.CASCADE, related_name="representatives")
    person = models.ForeignKey(Customer, on_delete=models.CASCADE, null=True, blank=True, related_name="represents")
    name = models.CharField(max_length=200, blank=True)
    phone = models.CharField(max_length=40, blank=True)
    authority = models.CharField(max_length=8, choices=Authority)
    document = models.CharField(max_length=200, blank=True)
    scope = models.CharField(max_length=300, blank=True)
    since = models.DateField(null=True, blank=True)
    until = models.DateField(null=True, blank=True)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    at = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True, blank=True)
    revoke_reason = models.CharField(max_length=300, blank=True)

    keeps_history = True
    history_shown_with = "customers.view_journal"

    class Meta:
        verbose_name = _("representative")
        ordering: ClassVar = ["-at", "-id"]
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=models.Q(person__isnull=False) | ~models.Q(name=""), name="representative_is_somebody"
            ),
            models.CheckConstraint(
                condition=models.Q(person__isnull=True) | ~models.Q(person=models.F("customer")),
                name="representative_of_somebody_else",
            ),
        ]

    def __str__(self) -> str:
        return self.shown_name

    @property
    def shown_name(self) -> str:
        return self.person.full_name if self.person else self.name
