from django.urls import path

from perezvon.foundation.lists.urls import list_urls
from perezvon.modules.customers.lists import Bans, Customers
from perezvon.modules.customers.web import card, editing, merging, notes, office, permission

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
    path("customers/<uuid:customer_id>/consents/", permission.consent, name="consent"),
    path("customers/<uuid:customer_id>/ban/", permission.ban_customer, name="ban_customer"),
    path("customers/<uuid:customer_id>/representatives/", permission.representative, name="representative"),
    path(
        "customers/<uuid:customer_id>/representatives/<int:representative_id>/revoke/",
        permission.representative_revoke,
        name="representative_revoke",
    ),
    *list_urls(Bans, "do-not-contact/", name="bans"),
    path("do-not-contact/new/", permission.ban_new, name="ban_new"),
    path("do-not-contact/<int:ban_id>/", permission.ban, name="ban"),
    path("do-not-contact/<int:ban_id>/lift/", permission.ban_lift, name="ban_lift"),
    path("unknown-callers/", permission.unknown_callers, name="unknown_callers"),
    path("purposes/", permission.purposes, name="purposes"),
    path("purposes/new/", permission.purpose, name="purpose_new"),
    path("purposes/<int:purpose_id>/", permission.purpose, name="purpose"),
    path("purposes/<int:purpose_id>/switch/", permission.purpose_switch, name="purpose_switch"),
    path("customers/<uuid:customer_id>/points/", editing.point_add, name="point_add"),
    path("customers/<uuid:customer_id>/points/<int:point_id>/<slug:act>/", editing.point, name="point"),
]
