from django.urls import path

from perezvon.modules.accounts.web import views

app_name = "accounts"
urlpatterns = [
    path("sign-in/", views.sign_in, name="sign_in"),
    path("sign-out/", views.sign_out, name="sign_out"),
    path("me/", views.me, name="me"),
    path("me/password/", views.password, name="password"),
    path("people/<int:user_id>/photo/", views.photo, name="photo"),
    path("language/", views.choose_language, name="language"),
]
