"""Persons and companies, how to reach them, what proves who they are."""

from __future__ import annotations

from typing import ClassVar, Self

from django.conf import settings
from django.db import models
from django.db.models.functions import Lower, Right
from django.utils.translation import gettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from perezvon.foundation.access import Actor
from perezvon.foundation.people.models import Project
from perezvon.modules.catalogue.models import Office


class Kind(models.TextChoices):
    PERSON = "person", _("Person")
    COMPANY = "company", _("Company")
    # One system record per project, to which calls of people nobody knows are attached (F01.30).
    QUASI = "quasi", _("Unknown caller")


class Status(models.TextChoices):
    POTENTIAL = "potential", _("Potential")
    EXISTING = "existing", _("Existing")
    FORMER = "former", _("Former")


class CardType(models.TextChoices):
    """Where the data of a card were registered (F01.32)."""

    CLIENT = "client", pgettext_lazy("card", "Client")
    FRONT_OFFICE = "front_office", pgettext_lazy("card", "Front office applicant")
    INTERNET = "internet", pgettext_lazy("card", "Internet")
    INTERESTED = "interested", pgettext_lazy("card", "Interested")
    RECOMMENDED = "recommended", pgettext_lazy("card", "Recommended")
    CHAT = "chat", pgettext_lazy("card", "Online chat")


# Personal data of these come from the source alone; nobody changes them on the card (F01.33).
LOCKED_TYPES = frozenset({CardType.CLIENT, CardType.FRONT_OFFICE})


class Sex(models.TextChoices):
    MALE = "m", pgettext_lazy("sex", "Male")
    FEMALE = "f", pgettext_lazy("sex", "Female")


def full_name_of(kind: str, company_name: str, *names: str) -> str:
    """What a customer is called; for lists, which read no whole customers. names: last, first, middle."""
    if kind == Kind.PERSON:
        return " ".join(name for name in names if name)
    return company_name or str(Kind(kind).label)


class CustomerQuerySet(models.QuerySet["Customer"]):
    def visible_to(self, by: Actor) -> Self:
        """Those not deleted, of the projects that the actor sees or of none."""
        return self.of_projects(by).filter(deleted_at=None)

    def of_projects(self, by: Actor) -> Self:
        """The same with the deleted ones."""
        if by.projects is None:
            return self.all()
        return self.filter(models.Q(project=None) | models.Q(project__in=by.projects))


class Customer(models.Model):
    """A person or a company. no_middle_name: asked and there is none, which is not the same as unknown.

    project: whose customer he is; without one, everybody's. code_word: a keyed hash, checked and never shown.
    sort_key: name folded for sorting. merged_into: the card that took this one's place. preferences: how he wants to
    be served, as `values.PREFERENCES` names it. office: which one serves him, in use or not. made_by_number: of a
    caller nobody knew, until somebody names him. outside_key: what the base that he was taken over from calls him,
    behind the number of that base. erased_at: nothing of him is held but the number of the card; he is deleted for
    good.
    """

    id = models.UUIDField(primary_key=True)
    number = models.BigIntegerField(unique=True)
    kind = models.CharField(max_length=8, choices=Kind, default=Kind.PERSON)
    status = models.CharField(max_length=10, choices=Status, default=Status.POTENTIAL)
    card_type = models.CharField(max_length=12, choices=CardType, blank=True, default="", db_default="")
    project = models.ForeignKey(Project, on_delete=models.PROTECT, null=True, related_name="+")
    last_name = models.CharField(max_length=100, blank=True)
    first_name = models.CharField(max_length=100, blank=True)
    middle_name = models.CharField(max_length=100, blank=True)
    no_middle_name = models.BooleanField(default=False)
    company_name = models.CharField(max_length=255, blank=True)
    sex = models.CharField(max_length=1, choices=Sex, blank=True)
    birth_date = models.DateField(null=True, blank=True)
    birth_country = models.CharField(max_length=100, blank=True)
    birth_place = models.CharField(max_length=200, blank=True)
    inn = models.CharField(max_length=12, blank=True)
    snils = models.CharField(max_length=11, blank=True)
    region = models.CharField(max_length=100, blank=True)
    town = models.CharField(max_length=100, blank=True)
    zone = models.CharField(max_length=64, blank=True)
    segment = models.CharField(max_length=64, blank=True)
    workplace = models.CharField(max_length=200, blank=True)
    position = models.CharField(max_length=200, blank=True)
    source = models.CharField(max_length=100, blank=True)
    warnings = models.JSONField(default=list, blank=True)
    code_word = models.CharField(max_length=64, blank=True)
    language = models.CharField(max_length=2, default="ru")
    custom = models.JSONField(default=dict, blank=True)
    preferences = models.JSONField(default=dict, blank=True, db_default=models.Value({}, models.JSONField()))
    office = models.ForeignKey(Office, on_delete=models.PROTECT, null=True, related_name="+", db_index=False)
    made_by_number = models.BooleanField(default=False, db_default=False)
    outside_key = models.CharField(max_length=240, blank=True, default="", db_default="")
    sort_key = models.CharField(max_length=320, blank=True)
    version = models.PositiveIntegerField(default=1)
    created_at = models.DateTimeField()
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    deleted_at = models.DateTimeField(null=True, blank=True)
    erased_at = models.DateTimeField(null=True, blank=True)
    merged_into = models.ForeignKey("self", on_delete=models.PROTECT, null=True, related_name="merged")

    objects = CustomerQuerySet.as_manager()

    keeps_history = True
    history_shown_with = "customers.view_journal"
    history_masks = ("inn", "snils", "custom")
    history_hides = ("code_word", "sort_key", "version")

    class Meta:
        indexes: ClassVar = [
            models.Index(fields=["sort_key", "id"]),
            models.Index(fields=["birth_date", "id"], name="customer_birth_date"),
            models.Index(
                fields=["project", "outside_key"], condition=~models.Q(outside_key=""), name="customer_outside_key"
            ),
            models.Index(fields=["snils"], condition=~models.Q(snils=""), name="customer_snils"),
            models.Index(fields=["inn"], condition=~models.Q(inn=""), name="customer_inn"),
        ]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["project"], condition=models.Q(kind="quasi", deleted_at=None), name="customer_one_quasi"
            ),
        ]

    def __str__(self) -> str:
        return self.full_name

    @property
    def full_name(self) -> str:
        if self.erased_at is not None:
            return gettext("Erased person")
        return full_name_of(self.kind, self.company_name, self.last_name, self.first_name, self.middle_name)

    @property
    def short_name(self) -> str:
        """Surname and initials; of a company its whole name."""
        if self.kind != Kind.PERSON:
            return self.full_name
        initials = "".join(f" {part[0]}." for part in (self.first_name, self.middle_name) if part)
        return f"{self.last_name}{initials}" if self.last_name else self.first_name


class ContactPoint(models.Model):
    """A phone, e-mail or site of a customer. digits: E.164 without the plus, for phones; shown as typed in `raw`.

    struck_reason: it must not be used any more, and why.
    """

    class Kind(models.TextChoices):
        PHONE = "phone", _("Phone")
        EMAIL = "email", _("E-mail")
        SITE = "site", _("Site")

    class Use(models.TextChoices):
        CONTACT = "contact", pgettext_lazy("phone", "Contact")
        MOBILE = "mobile", pgettext_lazy("phone", "Mobile")
        HOME = "home", pgettext_lazy("phone", "Home")
        WORK = "work", pgettext_lazy("phone", "Work")
        FAX = "fax", pgettext_lazy("phone", "Fax")
        LOGIN = "login", pgettext_lazy("phone", "For sign-in")

    class Strike(models.TextChoices):
        DO_NOT_CONTACT = "do_not_contact", pgettext_lazy("phone", "Do not contact")
        CHANGED = "changed", pgettext_lazy("phone", "Has changed")
        UNUSED = "unused", pgettext_lazy("phone", "Not in use")
        WRONG = "wrong", pgettext_lazy("phone", "Wrong")

    customer = models.ForeignKey(Customer, on_delete=models.CASCADE, related_name="points")
    kind = models.CharField(max_length=5, choices=Kind)
    use = models.CharField(max_length=8, choices=Use, default=Use.CONTACT)
    digits = models.CharField(max_length=20, blank=True)
    extension = models.CharField(max_length=10, blank=True)
    raw = models.CharField(max_length=254)
    note = models.CharField(max_length=200, blank=True, default="", db_default="")
    is_main = models.BooleanField(default=False)
    struck_reason = models.CharField(max_length=32, choices=Strike, blank=True)

    keeps_history = True
    history_shown_with = "customers.view_journal"

    class Meta:
        ordering: ClassVar = ["-is_main", "id"]
        indexes: ClassVar = [
            models.Index(fields=["digits"], condition=~models.Q(digits=""), name="point_digits"),
            models.Index(Right("digits", 7), name="point_last_seven", condition=~models.Q(digits="")),
            models.Index(Lower("raw"), name="point_email", condition=models.Q(kind="email")),
        ]

    def __str__(self) -> str:
        return self.raw

    @property
    def is_struck(self) -> bool:
        return bool(self.struck_reason)


class Document(models.Model):
    """A document of identity. number: digits and letters without spaces, series first.

    One that is no longer current stays: a customer may show it, and is found by it.
    """

    class Kind(models.TextChoices):
        PASSPORT = "passport", pgettext_lazy("document", "Passport")
        FOREIGN = "foreign", pgettext_lazy("document", "Passport for travel")
        STRANGER = "stranger", pgettext_lazy("document", "Foreigner's passport")
        RESIDENCE = "residence", pgettext_lazy("document", "Residence permit")
        BIRTH = "birth", pgettext_lazy("document", "Birth certificate")
        MILITARY = "military", pgettext_lazy("document", "Military ID")
        DRIVER = "driver", pgettext_lazy("document", "Driving licence")
        OTHER = "other", pgettext_lazy("document", "Other document")

    PASSPORT = "passport"

    customer = models.ForeignKey(Customer, on_delete=models.CASCADE, related_name="documents")
    kind = models.CharField(max_length=16, choices=Kind, default=Kind.PASSPORT)
    number = models.CharField(max_length=32)
    issued_on = models.DateField(null=True, blank=True)
    issuer = models.CharField(max_length=255, blank=True)
    issuer_code = models.CharField(max_length=7, blank=True)
    is_current = models.BooleanField(default=True, db_default=True)

    keeps_history = True
    history_shown_with = "customers.view_journal"
    history_masks = ("number",)

    class Meta:
        ordering: ClassVar = ["-is_current", "id"]
        indexes: ClassVar = [models.Index(fields=["number"])]

    def __str__(self) -> str:
        return f"{self.kind} {self.pk}"


class Address(models.Model):
    """text: the whole of it in one line, made from its parts where they are known. country: ISO 3166, two letters."""

    class Use(models.TextChoices):
        REGISTERED = "registered", pgettext_lazy("address", "Registered")
        ACTUAL = "actual", pgettext_lazy("address", "Actual")
        POSTAL = "postal", pgettext_lazy("address", "Postal")
        OFFICE = "office", pgettext_lazy("address", "Office")
        OTHER = "other", pgettext_lazy("address", "Other")

    customer = models.ForeignKey(Customer, on_delete=models.CASCADE, related_name="addresses")
    use = models.CharField(max_length=16, choices=Use, default=Use.REGISTERED)
    postcode = models.CharField(max_length=12, blank=True)
    text = models.CharField(max_length=400)
    country = models.CharField(max_length=2, default="RU", db_default="RU")
    region = models.CharField(max_length=100, blank=True, default="", db_default="")
    town = models.CharField(max_length=100, blank=True, default="", db_default="")
    line = models.CharField(max_length=300, blank=True, default="", db_default="")
    note = models.CharField(max_length=200, blank=True, default="", db_default="")
    is_current = models.BooleanField(default=True, db_default=True)

    keeps_history = True
    history_shown_with = "customers.view_journal"

    class Meta:
        ordering: ClassVar = ["-is_current", "id"]

    def __str__(self) -> str:
        return self.text


class ProductHeld(models.Model):
    """A card, account or loan of a customer, as far as the centre must know it. Commercial data.

    key_hash: keyed hash of the whole number, for search; last4 is all that can be shown.
    """

    class Kind(models.TextChoices):
        CARD = "card", _("Card")
        ACCOUNT = "account", _("Account")
        LOAN = "loan", _("Loan")

    customer = models.ForeignKey(Customer, on_delete=models.CASCADE, related_name="products")
    kind = models.CharField(max_length=16, choices=Kind)
    name = models.CharField(max_length=200)
    key_hash = models.CharField(max_length=64, db_index=True)
    last4 = models.CharField(max_length=4, blank=True)
    balance = models.DecimalField(max_digits=14, decimal_places=2, null=True)
    currency = models.CharField(max_length=3, default="RUB")
    until = models.DateField(null=True)

    keeps_history = True
    history_shown_with = "customers.view_journal"
    history_hides = ("key_hash",)

    class Meta:
        ordering: ClassVar = ["id"]

    def __str__(self) -> str:
        return f"{self.name} {self.last4}"
