from django.urls import path

from perezvon.modules.customers.web import interim

app_name = "customers"
urlpatterns = [
    path("office/", interim.nothing, name="office"),
    path("customers/new/", interim.nothing, name="new"),
    path("customers/<uuid:customer_id>/", interim.nothing, name="card"),
]
