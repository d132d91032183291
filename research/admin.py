from typing import Any, ClassVar, cast

from django.contrib import admin, messages
from django.db import models
from django.http import HttpRequest

from accounts.admin import ReadOnlyAdmin, WorkAdmin
from accounts.models import User
from research import merging, published
from research.models import (
    Analysis,
    Announcement,
    Article,
    Correction,
    Evidence,
    FirmBudget,
    Mention,
    ModelApproval,
    ModelCall,
    Publication,
    Reading,
    Source,
    Story,
    StoryMerge,
)


@admin.register(Source)
class SourceAdmin(admin.ModelAdmin[Source]):
    list_display = ("name", "firm", "kind", "rights", "is_active", "interval_seconds", "polled_at", "failures", "error")
    list_filter = ("kind", "rights", "is_active", "is_sample", "firm")
    search_fields = ("name", "url")
    raw_id_fields = ("firm",)
    list_select_related = ("firm",)
    formfield_overrides: ClassVar[Any] = {models.URLField: {"assume_scheme": "https"}}
    readonly_fields = ("is_sample", "polled_at", "failures", "error", "etag", "last_modified", "lease_until")


class MentionInline(admin.TabularInline[Mention, Article]):
    model = Mention
    extra = 0
    can_delete = False
    readonly_fields = fields = ("issuer", "relevance", "tier", "words", "count", "resolved_by", "confidence")

    def has_add_permission(self, request: HttpRequest, obj: Article | None = None) -> bool:
        return False


@admin.register(Article)
class ArticleAdmin(WorkAdmin[Article]):
    step = "read_articles"
    list_display = ("title", "source", "firm", "received_at", "state", "attempts", "next_at", "error")
    list_filter: ClassVar[Any] = ("state", "is_backfill", "source", "firm")
    search_fields = ("title", "guid", "canonical_url")
    list_select_related = ("source", "firm")
    fields: ClassVar[tuple[str, ...]] = (
        *WorkAdmin.work_fields, "title", "text", "source", "source_name", "firm", "guid", "url", "language", "parties", "flags",
        "revision", "published_at", "received_at", "is_backfill", "story",
    )  # fmt: skip
    readonly_fields = fields
    inlines = (MentionInline,)
    actions = (*WorkAdmin.actions, "take_out")

    @admin.action(description="Take out of their story", permissions=["change"])
    def take_out(self, request: HttpRequest, articles: models.QuerySet[Article]) -> None:
        """They tell of another event: a story of their own."""
        try:
            story = merging.split(list(articles), cast("User", request.user))
        except merging.NotMerged as refused:
            self.message_user(request, f"Nothing was changed. {refused}", messages.WARNING)
        else:
            self.message_user(request, f"A story of their own: “{story}”. It is read now, and may alert.")


@admin.register(Story)
class StoryAdmin(WorkAdmin[Story]):
    step = "analyse_story"
    list_display = ("title", "firm", "publication", "received_at", "current_analysis_id", "state", "attempts", "next_at", "error")
    list_filter: ClassVar[Any] = ("state", ("publication", admin.EmptyFieldListFilter), "is_backfill", "firm")
    search_fields = ("title",)
    list_select_related = ("firm", "publication")
    actions = (*WorkAdmin.actions, "publish", "take_down", "unite")
    fields: ClassVar[tuple[str, ...]] = (
        *WorkAdmin.work_fields, "title", "firm", "published_at", "received_at", "is_backfill", "merged_into", "public_story",
        "current_analysis",
    )  # fmt: skip
    readonly_fields = fields

    def has_publish_permission(self, request: HttpRequest) -> bool:
        return cast("User", request.user).has_perm("research.add_publication")

    @admin.action(description="Publish", permissions=["publish"])
    def publish(self, request: HttpRequest, stories: models.QuerySet[Story]) -> None:
        """Put them on the public pages; for each that cannot go there, say why."""
        count = 0
        for story in stories:
            try:
                published.publish(story, cast("User", request.user))
                count += 1
            except published.NotPublishable as refused:
                self.message_user(request, f"“{story}” was not published. {refused}", messages.WARNING)
        if count:
            self.message_user(request, f"{count} on the public pages.")

    @admin.action(description="Take down", permissions=["publish"])
    def take_down(self, request: HttpRequest, stories: models.QuerySet[Story]) -> None:
        count = sum(published.unpublish(story) for story in stories)
        self.message_user(request, f"{count} taken down. Copies may be shown elsewhere for a minute.")

    @admin.action(description="These are one story", permissions=["change"])
    def unite(self, request: HttpRequest, stories: models.QuerySet[Story]) -> None:
        """Nothing is sent. It can be undone in the list of merges."""
        try:
            story = merging.unite(list(stories), cast("User", request.user))
        except merging.NotMerged as refused:
            self.message_user(request, f"Nothing was changed. {refused}", messages.WARNING)
        else:
            self.message_user(request, f"They are one story now: “{story}”. Nothing was sent.")


@admin.register(StoryMerge)
class StoryMergeAdmin(ReadOnlyAdmin[StoryMerge]):
    """Stories that turned out to be one, by later evidence or by people, and what people took apart."""

    list_display = ("__str__", "firm", "reason", "made_by", "made_at", "undone_by", "undone_at")
    list_filter: ClassVar[Any] = (("undone_at", admin.EmptyFieldListFilter), ("made_by", admin.EmptyFieldListFilter), "firm")
    list_select_related = ("story", "other", "firm", "made_by", "undone_by")
    date_hierarchy = "made_at"
    actions = ("undo",)

    def has_undo_permission(self, request: HttpRequest) -> bool:
        return cast("User", request.user).has_perm("research.change_storymerge")

    @admin.action(description="Two stories after all", permissions=["undo"])
    def undo(self, request: HttpRequest, merges: models.QuerySet[StoryMerge]) -> None:
        standing = list(merges.filter(undone_at=None))
        for made in standing:
            merging.undo(made, cast("User", request.user))
        self.message_user(request, f"{len(standing)} taken apart. They are read anew, and stay apart.")


@admin.register(Publication)
class PublicationAdmin(ReadOnlyAdmin[Publication]):
    """What is on the public pages. It is put there from the stories' list; deleting a row takes the story down."""

    list_display = ("slug", "story", "published_at", "published_by")
    list_select_related = ("story", "published_by")
    search_fields = ("slug", "story__title")
    date_hierarchy = "published_at"

    def has_delete_permission(self, request: HttpRequest, obj: Publication | None = None) -> bool:
        return cast("User", request.user).has_perm("research.delete_publication")


@admin.register(Announcement)
class AnnouncementAdmin(WorkAdmin[Announcement]):
    step = "match_alerts"
    list_display = ("analysis", "firm", "state", "attempts", "next_at", "error")
    list_filter: ClassVar[Any] = ("state", "firm")
    list_select_related = ("analysis__story", "firm")
    fields: ClassVar[tuple[str, ...]] = (*WorkAdmin.work_fields, "analysis", "firm")
    readonly_fields = fields


class ReadingInline(admin.TabularInline[Reading, Analysis]):
    model = Reading
    extra = 0
    can_delete = False
    readonly_fields = fields = ("issuer", "sentiment_score", "market_impact_score", "relevance", "role", "reason")


class EvidenceInline(admin.TabularInline[Evidence, Analysis]):
    model = Evidence
    extra = 0
    can_delete = False
    readonly_fields = fields = ("number", "claim", "quote", "article", "start", "end")


@admin.register(Analysis)
class AnalysisAdmin(ReadOnlyAdmin[Analysis]):
    list_display = ("story", "firm", "version", "lane", "engine", "model", "tokens_in", "tokens_out", "latency_ms", "scored_at")
    list_filter = ("lane", "engine", "model", "firm")
    list_select_related = ("story", "firm")
    date_hierarchy = "scored_at"
    inlines = (ReadingInline, EvidenceInline)


@admin.register(Correction)
class CorrectionAdmin(WorkAdmin[Correction]):
    """What people said of links. It is judged on its own page: here is whether alerts have heard of it."""

    step = "tell_corrections"
    list_display = ("__str__", "firm", "story", "made_by", "made_at", "verdict", "state", "attempts", "error")
    list_filter: ClassVar[Any] = ("state", "kind", "verdict", "firm")
    search_fields = ("words", "issuer__name", "note")
    list_select_related = ("firm", "story", "issuer", "made_by")
    fields: ClassVar[tuple[str, ...]] = (
        *WorkAdmin.work_fields, "kind", "firm", "story", "issuer", "words", "resolved_by", "context", "note", "made_by",
        "made_at", "undone_by", "undone_at", "verdict", "judged_by", "judged_at",
    )  # fmt: skip
    readonly_fields = fields


@admin.register(FirmBudget)
class FirmBudgetAdmin(admin.ModelAdmin[FirmBudget]):
    """What firms' own stories may cost. The limits of the whole installation are in its settings (MODEL_…)."""

    list_display = ("firm", "daily_cost", "monthly_cost", "daily_tokens", "monthly_tokens")
    list_select_related = ("firm",)
    raw_id_fields = ("firm",)


@admin.register(ModelCall)
class ModelCallAdmin(ReadOnlyAdmin[ModelCall]):
    list_display = ("asked_at", "story", "firm", "model", "outcome", "tokens_in", "tokens_out", "cost", "is_estimated")
    list_filter: ClassVar[Any] = ("outcome", "model", "is_estimated", "is_repair", "firm")
    list_select_related = ("story", "firm")
    date_hierarchy = "day"


@admin.register(ModelApproval)
class ModelApprovalAdmin(ReadOnlyAdmin[ModelApproval]):
    """New ones are made on the page of models, where the figures stand."""

    list_display = ("model", "prompt_version", "endpoint", "approved_by", "approved_at", "note")
    list_select_related = ("approved_by",)
