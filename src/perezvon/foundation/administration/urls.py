from django.urls import path

from perezvon.foundation.administration import audit_page, views

app_name = "administration"
urlpatterns = [
    path("", views.home, name="home"),
    path("audit/", audit_page.audit, name="audit"),
    path("audit/export/", audit_page.export, name="audit_export"),
]
