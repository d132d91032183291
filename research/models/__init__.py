from research.models.analyses import Analysis, Announcement, Evidence, Reading, SecondOrderEffect
from research.models.articles import Article, ArticleRevision, Source
from research.models.corrections import Correction, DismissedName, UnknownName
from research.models.fingerprints import ArticleFingerprint, ArticleKey
from research.models.requests import ReadRequest
from research.models.stories import Mention, Publication, Story, StoryMerge, StoryQuerySet

__all__ = [
    "Analysis",
    "Announcement",
    "Article",
    "ArticleFingerprint",
    "ArticleKey",
    "ArticleRevision",
    "Correction",
    "DismissedName",
    "Evidence",
    "Mention",
    "Publication",
    "ReadRequest",
    "Reading",
    "SecondOrderEffect",
    "Source",
    "Story",
    "StoryMerge",
    "StoryQuerySet",
    "UnknownName",
]
