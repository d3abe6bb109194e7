from django.apps import AppConfig


class SearchConfig(AppConfig):
    name = "perezvon.foundation.search"
    label = "search"
