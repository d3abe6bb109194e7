from django.urls import path

from perezvon.foundation.lists.urls import list_urls
from perezvon.modules.tasks.lists import Tasks
from perezvon.modules.tasks.web import board, caldav, contact, control, form, planner, set_up, views

app_name = "tasks"
urlpatterns = [
    path("tasks/", views.day, name="day"),
    path("tasks/board/", board.board, name="board"),
    path("tasks/tree/", board.tree, name="tree"),
    path("tasks/calendar/", planner.calendar, name="calendar"),
    path("tasks/calendar/events/", planner.events, name="events"),
    path("tasks/calendar/feed/", planner.feed_key, name="feed_key"),
    path("tasks/calendar/<str:key>.ics", planner.feed, name="feed"),
    path(".well-known/caldav", caldav.well_known, name="dav_well_known"),
    path("dav/", caldav.home, name="dav"),
    path("dav/tasks/", caldav.calendar, name="dav_calendar"),
    path("dav/tasks/<uuid:task_id>.ics", caldav.event, name="dav_event"),
    path("tasks/control/", control.control, name="control"),
    path("tasks/control/all/", control.hand_over_all, name="hand_over_all"),
    path("tasks/deputies/", control.deputy, name="deputy"),
    path("tasks/deputies/<int:deputy_id>/end/", control.end_deputy, name="end_deputy"),
    path("tasks/new/", form.new, name="new"),
    path("tasks/hours/", form.hours, name="hours"),
    path("tasks/dates/", form.dates, name="dates"),
    path("tasks/reminder/", views.reminder, name="reminder"),
    path("tasks/contact/<uuid:interaction_id>/next/", contact.next_step, name="next_step"),
    *list_urls(Tasks, "tasks/all/"),
    path("tasks/<uuid:task_id>/", views.task, name="task"),
    path("tasks/<uuid:task_id>/edit/", form.edit, name="edit"),
    path("tasks/<uuid:task_id>/time/", planner.reschedule, name="reschedule"),
    path("tasks/<uuid:task_id>/<slug:act>/", views.act, name="act"),
    path("admin/stages/", set_up.set_up, name="set_up"),
]
