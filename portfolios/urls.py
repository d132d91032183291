from django.urls import path

from portfolios import upload_views, views

app_name = "portfolios"
urlpatterns = [
    path("portfolios/", views.portfolio_list, name="list"),
    path("portfolios/new/", views.portfolio_new, name="new"),
    path("portfolios/<slug:slug>/", views.portfolio, name="portfolio"),
    path("portfolios/<slug:slug>/holdings.csv", views.portfolio_csv, name="holdings"),
    path("portfolios/<slug:slug>/import/", upload_views.portfolio_import, name="import"),
    path("portfolios/<slug:slug>/import/<int:pk>/", upload_views.upload, name="upload"),
    path("portfolios/<slug:slug>/import/<int:pk>/application/", upload_views.upload_application, name="upload_application"),
]
