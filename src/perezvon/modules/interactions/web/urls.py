from django.urls import path

from perezvon.modules.interactions.web import views

app_name = "interactions"
urlpatterns = [
    path("customers/<uuid:customer_id>/visit/", views.visit, name="visit"),
]
