from django.urls import path

from perezvon.modules.loans.web import views

app_name = "loans"
urlpatterns = [
    path("<slug:code>/", views.calculator, name="calculator"),
    path("<slug:code>/keep/", views.keep, name="keep"),
]
