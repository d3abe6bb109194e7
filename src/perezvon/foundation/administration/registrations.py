from django.utils.translation import gettext_lazy as lazy

from perezvon.foundation.administration.registry import has_pages
from perezvon.foundation.web.places import Place, register_place


def register() -> None:
    register_place(Place(lazy("Administration"), "settings", "administration:home", has_pages, 95))
