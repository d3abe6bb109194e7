from django.apps import AppConfig


class CustomersConfig(AppConfig):
    name = "perezvon.modules.customers"

    def ready(self) -> None:
        from perezvon.modules.customers.registrations import register  # noqa: PLC0415  (models are ready only now)

        register()
