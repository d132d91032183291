from django.urls import path

from accounts import demo_views, invitation_views, pages, sample_desk, team, views

app_name = "accounts"
urlpatterns = [
    path("", views.landing, name="landing"),
    path("demo/", demo_views.demo, name="demo"),
    path("demo/sent/", demo_views.demo_sent, name="demo_sent"),
    path("demo/again/", demo_views.demo_again, name="demo_again"),
    path("demo/confirm/<str:token>/", demo_views.demo_confirm, name="demo_confirm"),
    path("how-scores-work/", pages.page("accounts/how_scores_work.html"), name="how_scores_work"),
    path("privacy/", pages.page("accounts/privacy.html"), name="privacy"),
    path("terms/", pages.page("accounts/terms.html"), name="terms"),
    path("security/", pages.page("accounts/security.html"), name="security"),
    path(".well-known/security.txt", pages.security_txt, name="security_txt"),
    path("invitation/<str:token>/", invitation_views.invitation, name="invitation"),
    path("sample-desk/", sample_desk.sample_desk, name="sample_desk"),
    path("team/", team.team, name="team"),
    path("team/invitations/<int:pk>/withdrawal/", team.withdraw, name="withdraw"),
    path("theme/", views.theme, name="theme"),
]
