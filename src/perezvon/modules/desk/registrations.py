from django.utils.translation import gettext_lazy as lazy

from perezvon.foundation.web.places import Place, register_place


def register() -> None:
    register_place(Place(lazy("Workplace"), "headset", "desk:desk", "telephony.use", 10, tab=False))
