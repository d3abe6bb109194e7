from django.urls import path

from perezvon.foundation.lists.urls import list_urls
from perezvon.foundation.messages.lists import Messages
from perezvon.foundation.messages.web import outbox, senders, templates

app_name = "messages"
urlpatterns = [
    *list_urls(Messages, "admin/outbox/"),
    path("admin/outbox/<uuid:message_id>/", outbox.message, name="message"),
    path("admin/outbox/<uuid:message_id>/<slug:act>/", outbox.act, name="act"),
    path("admin/outbox/templates/", templates.templates, name="templates"),
    path("admin/outbox/templates/new/", templates.template, name="template_new"),
    path("admin/outbox/templates/look/", templates.look, name="template_look"),
    path("admin/outbox/templates/<int:template_id>/", templates.template, name="template"),
    path("admin/outbox/senders/", senders.senders, name="senders"),
    path("admin/outbox/senders/new/", senders.sender, name="sender_new"),
    path("admin/outbox/senders/<int:sender_id>/", senders.sender, name="sender"),
    path("admin/outbox/senders/<int:sender_id>/test/", senders.test, name="sender_test"),
    path("messages/report/<str:key>/", outbox.report, name="report"),
]
