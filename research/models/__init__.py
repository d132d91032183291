from research.models.analyses import Analysis, Announcement, Evidence, Reading, SecondOrderEffect
from research.models.articles import Article, ArticleRevision, Source
from research.models.corrections import Correction, DismissedName, UnknownName
from research.models.decisions import ReadingDecision
from research.models.disagreements import Disagreement
from research.models.endpoints import ModelEndpoint
from research.models.fingerprints import ArticleFingerprint, ArticleKey
from research.models.requests import ReadRequest
from research.models.spending import BudgetNotice, FirmBudget, ModelApproval, ModelCall, Spend
from research.models.stories import Mention, Publication, Story, StoryMerge, StoryQuerySet

__all__ = [
    "Analysis",
    "Announcement",
    "Article",
    "ArticleFingerprint",
    "ArticleKey",
    "ArticleRevision",
    "BudgetNotice",
    "Correction",
    "Disagreement",
    "DismissedName",
    "Evidence",
    "FirmBudget",
    "Mention",
    "ModelApproval",
    "ModelCall",
    "ModelEndpoint",
    "Publication",
    "ReadRequest",
    "Reading",
    "ReadingDecision",
    "SecondOrderEffect",
    "Source",
    "Spend",
    "Story",
    "StoryMerge",
    "StoryQuerySet",
    "UnknownName",
]
