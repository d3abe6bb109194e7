from django.apps import AppConfig


class BulletinConfig(AppConfig):
    name = "perezvon.modules.bulletin"

    def ready(self) -> None:
        from perezvon.modules.bulletin.registrations import register  # noqa: PLC0415  (models are ready only now)

        register()
