from django.urls import path

from perezvon.foundation.lists.urls import list_urls
from perezvon.modules.documents.lists import Documents, Templates
from perezvon.modules.documents.web import documents, templates

app_name = "documents"
urlpatterns = [
    *list_urls(Documents, "documents/"),
    *list_urls(Templates, "admin/documents/", name="templates"),
    path("admin/documents/new/", templates.new, name="template_new"),
    path("admin/documents/look/", templates.look, name="template_look"),
    path("admin/documents/<uuid:template_id>/", templates.template, name="template"),
    path("admin/documents/<uuid:template_id>/trial/", templates.trial, name="template_trial"),
    path("admin/documents/<uuid:template_id>/versions/", templates.versions, name="template_versions"),
    path("admin/documents/<uuid:template_id>/<slug:act>/", templates.act, name="template_act"),
    path("documents/about/<slug:kind>/<uuid:record_id>/", documents.make, name="make"),
    path("documents/about/<slug:kind>/<uuid:record_id>/pdf/", documents.pdf, name="pdf"),
    path("documents/<uuid:document_id>/", documents.document, name="document"),
    path("documents/<uuid:document_id>/look/", documents.look, name="look"),
    path("documents/<uuid:document_id>/send/", documents.send, name="send"),
]
