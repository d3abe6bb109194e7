from django.urls import path

from perezvon.foundation.files.web import preview, views

app_name = "files"
urlpatterns = [
    path("rules/", views.rules, name="rules"),
    path("<uuid:file_id>/", views.download, name="download"),
    path("<uuid:file_id>/preview/", preview.preview, name="preview"),
    path("<uuid:file_id>/pages/<int:number>/", preview.page, name="page"),
    path("<uuid:file_id>/<slug:act>/", views.act, name="act"),
    path("of/<slug:kind>/<uuid:record_id>/", views.files, name="files"),
]
