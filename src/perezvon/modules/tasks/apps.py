from django.apps import AppConfig


class TasksConfig(AppConfig):
    name = "perezvon.modules.tasks"

    def ready(self) -> None:
        from perezvon.modules.tasks.registrations import register  # noqa: PLC0415  (models are ready only now)

        register()
