from django.urls import path

from perezvon.foundation.lists.urls import list_urls
from perezvon.modules.catalogue.lists import Offices, Products
from perezvon.modules.catalogue.web import offices, views

app_name = "catalogue"
urlpatterns = [
    path("", views.catalogue, name="catalogue"),
    *list_urls(Products, "all/", name="products"),
    path("kinds/new/", views.kind, name="kind_new"),
    path("kinds/<int:kind_id>/", views.kind, name="kind"),
    path("kinds/<int:kind_id>/switch/", views.kind_switch, name="kind_switch"),
    path("new/", views.product, name="product_new"),
    path("<int:product_id>/", views.product, name="product"),
    path("<int:product_id>/switch/", views.product_switch, name="product_switch"),
    path("offices/", offices.offices, name="offices"),
    *list_urls(Offices, "offices/all/", name="office_list"),
    path("offices/regions/new/", offices.region, name="region_new"),
    path("offices/regions/<int:region_id>/", offices.region, name="region"),
    path("offices/settlements/new/", offices.settlement, name="settlement_new"),
    path("offices/settlements/<int:settlement_id>/", offices.settlement, name="settlement"),
    path("offices/new/", offices.office, name="office_new"),
    path("offices/<int:office_id>/", offices.office, name="office"),
    path("offices/<slug:level>/<int:place_id>/switch/", offices.switch, name="place_switch"),
]
