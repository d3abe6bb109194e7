from django.urls import path

from perezvon.modules.accounts.web import people, places, roles, views

app_name = "accounts"
urlpatterns = [
    path("sign-in/", views.sign_in, name="sign_in"),
    path("sign-out/", views.sign_out, name="sign_out"),
    path("me/", views.me, name="me"),
    path("me/password/", views.password, name="password"),
    path("people/<int:user_id>/photo/", views.photo, name="photo"),
    path("admin/people/", people.people, name="people"),
    path("admin/people/new/", people.person_new, name="person_new"),
    path("admin/people/<int:user_id>/", people.person, name="person"),
    path("admin/people/<int:user_id>/<slug:act>/", people.person_act, name="person_act"),
    path("admin/roles/", roles.roles, name="roles"),
    path("admin/roles/new/", roles.role_new, name="role_new"),
    path("admin/roles/<int:role_id>/", roles.role, name="role"),
    path("admin/groups/", places.groups, name="groups"),
    path("admin/teams/new/", places.team, name="team_new"),
    path("admin/teams/<int:key>/", places.team, name="team"),
    path("admin/groups/new/", places.group, name="group_new"),
    path("admin/groups/<int:key>/", places.group, name="group"),
    path("admin/projects/", places.projects, name="projects"),
    path("admin/projects/new/", places.project, name="project_new"),
    path("admin/projects/<int:key>/", places.project, name="project"),
    path("language/", views.choose_language, name="language"),
]
