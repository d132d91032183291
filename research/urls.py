from django.urls import path

from research import api, news_views, sample_feed, views

app_name = "research"
urlpatterns = [
    path("stories/<int:pk>/", views.story, name="story"),
    path("sample/feed.xml", sample_feed.sample_feed, name="sample_feed"),
    path("news/", news_views.news, name="news"),
    path("news/feed.xml", news_views.news_feed, name="news_feed"),
    path("news/<slug:slug>/", news_views.news_story, name="news_story"),
    path("news/<slug:slug>/card.png", news_views.news_card, name="news_card"),
    path("sitemap.xml", news_views.sitemap, name="sitemap"),
    path("robots.txt", news_views.robots, name="robots"),
    path("api/articles", api.post_article, name="api_articles"),
]
