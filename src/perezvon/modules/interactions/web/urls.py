from django.urls import path

from perezvon.foundation.lists.urls import list_urls
from perezvon.modules.interactions.lists import Contacts
from perezvon.modules.interactions.web import contact, results, sms, views

app_name = "interactions"
urlpatterns = [
    *list_urls(Contacts, "contacts/"),
    path("contacts/<uuid:interaction_id>/", contact.contact, name="contact"),
    path("contacts/<uuid:interaction_id>/fields/", contact.own_fields, name="fields"),
    path("contacts/<uuid:interaction_id>/dimension/", views.dimension, name="dimension"),
    path("customers/<uuid:customer_id>/sms/", sms.sms, name="sms"),
    path("contacts/<uuid:interaction_id>/offers/", views.offers, name="offers"),
    path("customers/<uuid:customer_id>/visit/", views.visit, name="visit"),
    path("results/", results.results, name="results"),
    path("results/new/", results.result, name="result_new"),
    path("results/conditions/", results.conditions, name="result_conditions"),
    path("results/<int:result_id>/", results.result, name="result"),
    path("results/<int:result_id>/reasons/new/", results.reason, name="reason_new"),
    path("results/<int:result_id>/reasons/<slug:code>/", results.reason, name="reason"),
]
