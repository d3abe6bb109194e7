from django.urls import path

from perezvon.foundation.fields.web import views

app_name = "fields"
urlpatterns = [
    path("", views.fields, name="fields"),
    path("new/", views.new, name="new"),
    path("section/", views.section, name="section"),
    path("<int:field_id>/", views.change, name="change"),
    path("<int:field_id>/<slug:act>/", views.act, name="act"),
]
