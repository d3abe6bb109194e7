from django.urls import path

from perezvon.foundation.lists.urls import list_urls
from perezvon.modules.telephony.lists import Recordings
from perezvon.modules.telephony.web import phone, public

app_name = "telephony"
urlpatterns = [
    path("call/<slug:line>/", public.call_page, name="call_page"),
    path("call/<slug:line>/offer/", public.offer, name="call_offer"),
    path("call/leg/<uuid:leg_id>/", public.status, name="call_status"),
    path("call/leg/<uuid:leg_id>/digits/", public.digits, name="call_digits"),
    path("call/leg/<uuid:leg_id>/clear/", public.clear, name="call_clear"),
    path("phone/offer/", phone.offer, name="phone_offer"),
    path("phone/echo/", phone.echo, name="phone_echo"),
    path("equipment/", phone.equipment, name="equipment"),
    *list_urls(Recordings, "recordings/", name="recordings"),
    path("recordings/<uuid:recording_id>/page/", phone.recording, name="recording"),
    path("recordings/<uuid:recording_id>/", phone.player, name="player"),
    path("recordings/<uuid:recording_id>/sound/", phone.sound, name="sound"),
]
