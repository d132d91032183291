from django.urls import path

from alerts import views

app_name = "alerts"
urlpatterns = [
    path("today/", views.today, name="today"),
    path("today/alerts/", views.today_alerts, name="today_alerts"),
    path("today/new/", views.today_new, name="today_new"),
    path("alerts/", views.alerts, name="alerts"),
    path("alerts/<int:pk>/acknowledgement/", views.acknowledge, name="acknowledge"),
    path("rules/", views.rules, name="rules"),
    path("rules/new/", views.rule_new, name="rule_new"),
    path("rules/<int:pk>/", views.rule, name="rule"),
]
