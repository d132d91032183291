from django.urls import path

from portfolios import views

app_name = "portfolios"
urlpatterns = [
    path("portfolios/", views.portfolio_list, name="list"),
    path("portfolios/<slug:slug>/", views.portfolio, name="portfolio"),
    path("portfolios/<slug:slug>/import/", views.portfolio_import, name="import"),
    path("portfolios/<slug:slug>/holdings.csv", views.portfolio_csv, name="holdings"),
]
