from django.urls import path

from research import api, views

app_name = "research"
urlpatterns = [
    path("stories/<int:pk>/", views.story, name="story"),
    path("sample/feed.xml", views.sample_feed, name="sample_feed"),
    path("api/articles", api.post_article, name="api_articles"),
]
