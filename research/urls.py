from django.urls import path

from research import api, company_views, correction_views, cost_views, news_views, read_views, sample_feed, views

app_name = "research"
urlpatterns = [
    path("stories/<int:pk>/", views.story, name="story"),
    path("stories/<int:pk>/missing-company/", correction_views.missing_company, name="missing_company"),
    path("stories/<int:pk>/wrong-company/<slug:slug>/", correction_views.wrong_company, name="wrong_company"),
    path("read/", read_views.read, name="read"),
    path("read/<int:pk>/", read_views.read_request, name="read_request"),
    path("read/<int:pk>/retry/", read_views.read_retry, name="read_retry"),
    path("corrections/", correction_views.correction_list, name="corrections"),
    path("corrections/<int:pk>/undo/", correction_views.correction_undo, name="correction_undo"),
    path("corrections/<int:pk>/verdict/", correction_views.correction_verdict, name="correction_verdict"),
    path("corrections/<int:pk>/revocation/", correction_views.correction_revocation, name="correction_revocation"),
    path("unknown-names/", company_views.unknown_names, name="unknown_names"),
    path("unknown-names/dismissals/", company_views.dismissals, name="dismissals"),
    path("companies/", company_views.company_list, name="companies"),
    path("companies/<slug:slug>/", company_views.company, name="company"),
    path("companies/<slug:slug>/join/", company_views.company_join, name="company_join"),
    path("costs/", cost_views.cost_list, name="costs"),
    path("costs/export.csv", cost_views.cost_export, name="cost_export"),
    path("models/", cost_views.models, name="models"),
    path("models/approvals/", cost_views.model_approval, name="model_approval"),
    path("sample/feed.xml", sample_feed.sample_feed, name="sample_feed"),
    path("news/", news_views.news, name="news"),
    path("news/feed.xml", news_views.news_feed, name="news_feed"),
    path("news/<slug:slug>/", news_views.news_story, name="news_story"),
    path("news/<slug:slug>/card.png", news_views.news_card, name="news_card"),
    path("sitemap.xml", news_views.sitemap, name="sitemap"),
    path("robots.txt", news_views.robots, name="robots"),
    path("api/articles", api.post_article, name="api_articles"),
]
