from django.urls import path

from perezvon.foundation.rest import views

app_name = "rest"
urlpatterns = [
    path("", views.keys, name="keys"),
    path("new/", views.new_key, name="key_new"),
    path("docs/", views.docs, name="docs"),
    path("<int:key_id>/revoke/", views.revoke, name="key_revoke"),
]
