from django.urls import path

from accounts import pages, views

app_name = "accounts"
urlpatterns = [
    path("", views.landing, name="landing"),
    path("demo/", views.demo, name="demo"),
    path("demo/thanks/", views.demo_thanks, name="demo_thanks"),
    path("how-scores-work/", pages.page("accounts/how_scores_work.html"), name="how_scores_work"),
    path("privacy/", pages.page("accounts/privacy.html"), name="privacy"),
    path("terms/", pages.page("accounts/terms.html"), name="terms"),
    path("security/", pages.page("accounts/security.html"), name="security"),
    path(".well-known/security.txt", pages.security_txt, name="security_txt"),
    path("theme/", views.theme, name="theme"),
]
