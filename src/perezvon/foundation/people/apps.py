from django.apps import AppConfig
from django.db.models.signals import post_migrate

from perezvon.foundation.people.roles import grant_new_rights


class PeopleConfig(AppConfig):
    name = "perezvon.foundation.people"

    def ready(self) -> None:
        from perezvon.foundation.people.registrations import register  # noqa: PLC0415  (models are ready only now)

        register()
        post_migrate.connect(grant_new_rights, sender=self)
