from django.urls import path

from perezvon.modules.desk.web import calls, identify, lookup, outgoing, outside, parts, views

app_name = "desk"
urlpatterns = [
    path("", views.desk, name="desk"),
    path("parts/", parts.parts, name="parts"),
    path("presence/", calls.presence, name="presence"),
    path("call/", outgoing.outgoing, name="outgoing"),
    path("dial/", calls.dial, name="dial"),
    path("call/<uuid:call_id>/act/", calls.act, name="call_act"),
    path("call/<uuid:call_id>/transfer/", calls.transfer, name="transfer"),
    path("call/<uuid:call_id>/letter/", calls.letter, name="letter"),
    path("call/<uuid:call_id>/extend/", calls.extend, name="extend"),
    path("contact/<uuid:interaction_id>/", views.write_up, name="write_up"),
    path("contact/<uuid:interaction_id>/link/<uuid:customer_id>/", views.link, name="link"),
    path("contact/<uuid:interaction_id>/unlink/", views.unlink, name="unlink"),
    path("contact/<uuid:interaction_id>/anonymous/", views.anonymous, name="anonymous"),
    path("contact/<uuid:interaction_id>/number/", lookup.clarify, name="clarify"),
    path("contact/<uuid:interaction_id>/outside/", outside.outside, name="outside"),
    path("contact/<uuid:interaction_id>/outside/take/", outside.outside_take, name="outside_take"),
    path("contact/<uuid:interaction_id>/identify/", identify.identify, name="identify"),
    path("contact/<uuid:interaction_id>/topics/", views.topics, name="topics"),
    path("contact/<uuid:interaction_id>/topics/<int:topic_id>/remove/", views.topic_remove, name="topic_remove"),
    path("contact/<uuid:interaction_id>/topic-text/", views.topic_text, name="topic_text"),
    path("contact/<uuid:interaction_id>/speaker/", views.speaker, name="speaker"),
    path("contact/<uuid:interaction_id>/note/", views.note, name="note"),
    path("contact/<uuid:interaction_id>/draft/<slug:field>/", views.draft, name="draft"),
    path("contact/<uuid:interaction_id>/result/", views.result_form, name="result_form"),
    path("contact/<uuid:interaction_id>/hours/", views.hours, name="hours"),
    path("contact/<uuid:interaction_id>/finish/", views.finish, name="finish"),
]
