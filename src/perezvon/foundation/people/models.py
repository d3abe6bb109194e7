"""Users, roles, teams and projects: the lowest app, everyone may point to it."""

from __future__ import annotations

from typing import Any, ClassVar

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils.translation import get_language, gettext
from django.utils.translation import gettext_lazy as lazy

from perezvon.foundation.access import Person, Scope
from perezvon.foundation.people.roles import NAMES
from perezvon.kernel.texts import text_in


class Project(models.Model):
    """A line of business with its own numbers, people, topics and look. Days of reports follow `zone`."""

    code = models.SlugField(unique=True)
    number = models.PositiveIntegerField(unique=True)
    name = models.JSONField(default=dict)
    zone = models.CharField(max_length=64, default="Europe/Moscow")
    settings = models.JSONField(default=dict, blank=True)
    version = models.PositiveIntegerField(default=1)

    keeps_history = True
    history_shown_with = "people.projects"

    class Meta:
        ordering: ClassVar = ["number"]

    def __str__(self) -> str:
        return text_in(self.name, get_language() or "ru")


class SignIn(models.TextChoices):
    """How many steps it takes the people of a role to sign in."""

    PASSWORD = "password", lazy("Password alone")
    CODE = "code", lazy("Password and one-time code")
    DIGITS = "digits", lazy("Last digits of the mobile number and one-time code")


class Role(models.Model):
    """A named set of rights. Those of a new installation come from the register of rights.

    trusted_days: for so long a device on which a code was given asks for none; 0: it always asks.
    scopes: {right: "own" or "team"} where it is for less than the projects seen.
    """

    code = models.SlugField(unique=True)
    name = models.JSONField(default=dict)
    rights = ArrayField(models.CharField(max_length=100), default=list)
    all_projects = models.BooleanField(default=False)
    scopes = models.JSONField(default=dict, blank=True)
    sign_in = models.CharField(max_length=16, choices=SignIn, default=SignIn.PASSWORD)
    trusted_days = models.PositiveSmallIntegerField(default=0)
    version = models.PositiveIntegerField(default=1)

    keeps_history = True
    history_shown_with = "people.manage"

    class Meta:
        ordering: ClassVar = ["id"]

    def __str__(self) -> str:
        return text_in(self.name, get_language() or "ru") or gettext(NAMES.get(self.code, self.code))


class Keeper(models.TextChoices):
    """Who keeps somebody's password."""

    PEREZVON = "perezvon", lazy("Perezvon")
    DIRECTORY = "directory", lazy("The company directory")
    PROVIDER = "provider", lazy("The company sign-in")


class Team(models.Model):
    """People who share work; everybody is in one at most."""

    code = models.SlugField(unique=True)
    name = models.JSONField(default=dict)
    version = models.PositiveIntegerField(default=1)

    keeps_history = True
    history_shown_with = "people.manage"

    class Meta:
        ordering: ClassVar = ["code"]

    def __str__(self) -> str:
        return text_in(self.name, get_language() or "ru")


class Group(models.Model):
    """People who see other results and functions than the rest (F28.05), whatever their team; one may be in several.

    Rules ask for its code: `actor.in_group("vkc")`.
    """

    code = models.SlugField(unique=True)
    name = models.JSONField(default=dict)
    version = models.PositiveIntegerField(default=1)

    keeps_history = True
    history_shown_with = "people.manage"

    class Meta:
        ordering: ClassVar = ["code"]

    def __str__(self) -> str:
        return text_in(self.name, get_language() or "ru")


class UserManager(BaseUserManager["User"]):
    def create_user(self, login: str, password: str | None = None, **fields: Any) -> User:
        user = self.model(login=login, **fields)
        user.set_password(password)
        user.save()
        return user


class User(AbstractBaseUser):
    """A person who works here. phones are what colleagues see of him; photo: the name of its content, if he has one.

    password_is_given: somebody else chose it, so he has to choose his own before he gets in.
    sessions_ended: raised to end all his sessions at once.
    """

    login = models.CharField(max_length=64, unique=True)
    last_name = models.CharField(max_length=100)
    first_name = models.CharField(max_length=100)
    middle_name = models.CharField(max_length=100, blank=True)
    position = models.CharField(max_length=100, blank=True)
    email = models.EmailField(blank=True)
    extension = models.CharField(max_length=16, blank=True)
    mobile = models.CharField(max_length=20, blank=True)
    home_phone = models.CharField(max_length=20, blank=True)
    photo = models.CharField(max_length=16, blank=True)
    role = models.ForeignKey(Role, on_delete=models.PROTECT, related_name="users")
    team = models.ForeignKey(Team, on_delete=models.PROTECT, null=True, blank=True, related_name="users")
    projects = models.ManyToManyField(Project, blank=True, related_name="users")
    groups = models.ManyToManyField(Group, blank=True, related_name="users")
    language = models.CharField(max_length=2, default="ru")
    keeper = models.CharField(max_length=16, choices=Keeper, default=Keeper.PEREZVON)
    is_active = models.BooleanField(default=True)
    created_at = models.DateTimeField(null=True)
    password_is_given = models.BooleanField(default=False)
    sessions_ended = models.PositiveIntegerField(default=0)
    version = models.PositiveIntegerField(default=1)

    keeps_history = True
    history_hides: ClassVar = ("password", "last_login")
    history_shown_with = "people.manage"

    objects = UserManager()

    USERNAME_FIELD = "login"
    REQUIRED_FIELDS: ClassVar = []

    class Meta:
        ordering: ClassVar = ["last_name", "first_name", "id"]

    def __str__(self) -> str:
        return self.full_name

    @property
    def full_name(self) -> str:
        return f"{self.first_name} {self.last_name}".strip()

    @property
    def short_name(self) -> str:
        """Surname and initial, as a colleague is named in a list."""
        return f"{self.last_name} {self.first_name[:1]}." if self.first_name else self.last_name

    @property
    def initials(self) -> str:
        return f"{self.first_name[:1]}{self.last_name[:1]}".upper()

    @property
    def photo_url(self) -> str:
        """Another one for each photo, so that browsers keep it; empty without."""
        return f"/people/{self.pk}/photo/?{self.photo}" if self.photo else ""

    def get_session_auth_hash(self) -> str:
        """Sessions with another one are over: after another password, and when all of them were ended."""
        return f"{super().get_session_auth_hash()}:{self.sessions_ended}"

    def actor(self) -> Person:
        """This user as an actor, with what he may do now. Three queries unless `backend.People` loaded him."""
        loaded: list[int] | None = getattr(self, "project_ids", None)
        ids = [project.pk for project in self.projects.all()] if loaded is None else loaded
        codes: list[str] | None = getattr(self, "group_codes", None)
        groups = [group.code for group in self.groups.all()] if codes is None else codes
        seen = None if self.role.all_projects else frozenset(ids)
        return Person(
            rights=frozenset(self.role.rights) if self.is_active else frozenset(),
            projects=seen,
            scopes=tuple((code, Scope(scope)) for code, scope in sorted(self.role.scopes.items())),
            id=self.pk,
            name=self.full_name,
            team_id=self.team_id,
            groups=frozenset(groups),
            language=self.language,
            role=self.role.code,
        )


class Photo(models.Model):
    """A face. kind: "image/jpeg", "image/png" or "image/webp"."""

    user = models.OneToOneField(User, on_delete=models.CASCADE, primary_key=True, related_name="+")
    kind = models.CharField(max_length=16)
    content = models.BinaryField()

    def __str__(self) -> str:
        return f"{self.user_id} {self.kind}"


class KnownRight(models.Model):
    """Rights that were handed to the shipped roles once, so that taking one away lasts."""

    code = models.CharField(max_length=100, unique=True)

    def __str__(self) -> str:
        return self.code
