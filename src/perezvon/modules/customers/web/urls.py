from django.urls import path

from perezvon.foundation.lists.urls import list_urls
from perezvon.modules.customers.lists import Customers
from perezvon.modules.customers.web import card, editing, office

app_name = "customers"
urlpatterns = [
    path("office/", office.office, name="office"),
    *list_urls(Customers, "customers/"),
    path("customers/new/", editing.new, name="new"),
    path("customers/<uuid:customer_id>/", card.card, name="card"),
    path("customers/<uuid:customer_id>/edit/", editing.edit, name="edit"),
    path("customers/<uuid:customer_id>/journal/", card.journal, name="journal"),
    path("customers/<uuid:customer_id>/reveal/<slug:field>/", card.reveal, name="reveal"),
    path("customers/<uuid:customer_id>/code-word/", editing.code_word, name="code_word"),
    path("customers/<uuid:customer_id>/points/", editing.point_add, name="point_add"),
    path("customers/<uuid:customer_id>/points/<int:point_id>/<slug:act>/", editing.point, name="point"),
]
