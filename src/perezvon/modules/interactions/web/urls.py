from django.urls import path

from perezvon.foundation.lists.urls import list_urls
from perezvon.modules.interactions.lists import Contacts
from perezvon.modules.interactions.web import contact, sms, views

app_name = "interactions"
urlpatterns = [
    *list_urls(Contacts, "contacts/"),
    path("contacts/<uuid:interaction_id>/", contact.contact, name="contact"),
    path("contacts/<uuid:interaction_id>/fields/", contact.own_fields, name="fields"),
    path("contacts/<uuid:interaction_id>/dimension/", views.dimension, name="dimension"),
    path("customers/<uuid:customer_id>/sms/", sms.sms, name="sms"),
    path("contacts/<uuid:interaction_id>/offers/", views.offers, name="offers"),
    path("customers/<uuid:customer_id>/visit/", views.visit, name="visit"),
]
