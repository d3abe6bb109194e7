from django.urls import path

from perezvon.modules.catalogue.web import views

app_name = "catalogue"
urlpatterns = [
    path("", views.catalogue, name="catalogue"),
    path("kinds/new/", views.kind, name="kind_new"),
    path("kinds/<int:kind_id>/", views.kind, name="kind"),
    path("kinds/<int:kind_id>/switch/", views.kind_switch, name="kind_switch"),
    path("new/", views.product, name="product_new"),
    path("<int:product_id>/", views.product, name="product"),
    path("<int:product_id>/switch/", views.product_switch, name="product_switch"),
]
