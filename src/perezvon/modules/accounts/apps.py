from django.apps import AppConfig


class AccountsConfig(AppConfig):
    name = "perezvon.modules.accounts"

    def ready(self) -> None:
        from perezvon.modules.accounts.registrations import register  # noqa: PLC0415  (models are ready only now)

        register()
