from allauth.account.decorators import secure_admin_login
from django.contrib import admin
from django.urls import include, path

from config import mail_viewer, views

# Staff sign in where everybody does: one place for limits and second factors.
admin.site.login = secure_admin_login(admin.site.login)  # type: ignore[method-assign]

handler500 = "config.views.server_error"

urlpatterns = [
    path("", include("accounts.urls")),
    path("", include("portfolios.urls")),
    path("", include("research.urls")),
    path("", include("alerts.urls")),
    path("accounts/", include("allauth.account.urls")),
    path("accounts/2fa/", include("allauth.mfa.urls")),
    path("admin/", admin.site.urls),
    path("mail/", mail_viewer.inbox, name="mail"),
    path("mail/<str:name>/", mail_viewer.message, name="mail_message"),
    path("mail/<str:name>/html/", mail_viewer.message_html, name="mail_message_html"),
    path("status", views.status, name="status"),
    path("csp-report/", views.csp_report, name="csp_report"),
]
