from django.urls import path

from accounts import views

app_name = "accounts"
urlpatterns = [
    path("", views.landing, name="landing"),
    path("demo/", views.demo, name="demo"),
    path("demo/thanks/", views.demo_thanks, name="demo_thanks"),
    path("privacy/", views.privacy, name="privacy"),
    path("theme/", views.theme, name="theme"),
]
