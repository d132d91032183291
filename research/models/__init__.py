from research.models.analyses import Analysis, Announcement, Evidence, Reading
from research.models.articles import Article, ArticleRevision, Source
from research.models.corrections import Correction, DismissedName, UnknownName
from research.models.stories import Mention, Publication, Story, StoryQuerySet

__all__ = [
    "Analysis",
    "Announcement",
    "Article",
    "ArticleRevision",
    "Correction",
    "DismissedName",
    "Evidence",
    "Mention",
    "Publication",
    "Reading",
    "Source",
    "Story",
    "StoryQuerySet",
    "UnknownName",
]
