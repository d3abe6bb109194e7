from django.urls import path

from perezvon.modules.supervision.web import floor, hands, messages, planning

app_name = "supervision"
urlpatterns = [
    path("calls/<uuid:call_id>/", floor.join, name="join"),
    path("", floor.floor, name="floor"),
    path("now/", floor.now, name="now"),
    path("agents/<int:user_id>/", floor.agent, name="agent"),
    path("agents/<int:user_id>/presence/", floor.presence, name="presence"),
    path("hands/", hands.hands, name="hands"),
    path("hands/<uuid:request_id>/", hands.hand, name="hand"),
    path("contacts/<uuid:interaction_id>/hand/", hands.ask, name="ask"),
    path("contacts/<uuid:interaction_id>/hand/<uuid:request_id>/", hands.answer_as_operator, name="answer"),
    path("messages/", messages.strip, name="messages"),
    path("messages/write/", messages.write, name="write"),
    path("messages/<uuid:message_id>/", messages.read, name="read_message"),
    path("planning/", planning.plan, name="plan"),
    path("thresholds/", floor.thresholds, name="thresholds"),
]
