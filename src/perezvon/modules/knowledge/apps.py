from django.apps import AppConfig


class KnowledgeConfig(AppConfig):
    name = "perezvon.modules.knowledge"

    def ready(self) -> None:
        from perezvon.modules.knowledge.registrations import register  # noqa: PLC0415  (models are ready only now)

        register()
