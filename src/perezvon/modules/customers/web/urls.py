from django.urls import path

from perezvon.foundation.lists.urls import list_urls
from perezvon.modules.customers.lists import Customers
from perezvon.modules.customers.web import card, editing, merging, notes, office, sources

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
    path("customers/sources/", sources.sources, name="sources"),
    path("customers/duplicates/", merging.duplicates, name="duplicates"),
    path("customers/<uuid:customer_id>/block/<slug:code>/", card.block, name="block"),
    path("customers/<uuid:customer_id>/comments/", notes.comment, name="comment"),
    path("customers/<uuid:customer_id>/status/", notes.status, name="status"),
    path("customers/<uuid:customer_id>/preferences/", notes.preferences, name="preferences"),
    path("customers/<uuid:customer_id>/warnings/", notes.warning, name="warning"),
    path("customers/<uuid:customer_id>/warnings/<int:warning_id>/lift/", notes.warning_lift, name="warning_lift"),
    path("customers/<uuid:customer_id>/documents/", notes.document, name="document"),
    path("customers/<uuid:customer_id>/addresses/", notes.address, name="address"),
    path("customers/<uuid:customer_id>/relations/", notes.relate, name="relate"),
    path("customers/<uuid:customer_id>/relations/<int:relation_id>/remove/", notes.unrelate, name="unrelate"),
    path("customers/<uuid:customer_id>/merge/<uuid:other_id>/", merging.merge, name="merge"),
    path("customers/<uuid:customer_id>/merges/<int:merge_id>/undo/", merging.undo, name="merge_undo"),
    path("customers/<uuid:customer_id>/points/", editing.point_add, name="point_add"),
    path("customers/<uuid:customer_id>/points/<int:point_id>/<slug:act>/", editing.point, name="point"),
]
