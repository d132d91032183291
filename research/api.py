"""POST /api/articles: how a firm's own programs hand in articles, which nobody else will see."""

import hashlib
import unicodedata
from datetime import UTC, timedelta
from typing import Annotated, Any
from urllib.parse import urlsplit

from django.db.models import Q
from django.db.models.functions import Now
from django.http import HttpRequest, JsonResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST
from pydantic import AfterValidator, AliasChoices, AwareDatetime, BaseModel, ConfigDict, Field, StringConstraints, ValidationError

from accounts.doorbell import ring
from accounts.models import ApiToken, Firm
from accounts.scope import every_firm, firm_scope
from research import ingest
from research.cleaning import plain_text
from research.feeds import FeedItem
from research.models import Source

MOST_BYTES = 1_000_000
SOURCE_NAME = "Articles by API"


def _one_line(value: str) -> str:
    if any(unicodedata.category(character) == "Cc" for character in value):
        raise ValueError("must be one line without control characters")
    return value


def _web_address(value: str) -> str:
    parts = urlsplit(value)
    if value and not (parts.scheme in ("http", "https") and parts.hostname and value.isprintable() and " " not in value):
        raise ValueError("must be an http or https address")
    return value


def _in_utc(value: AwareDatetime) -> AwareDatetime:
    try:
        return value.astimezone(UTC)
    except OverflowError as error:
        raise ValueError("is out of range") from error


Line = Annotated[str, StringConstraints(strip_whitespace=True), AfterValidator(_one_line)]


class PostedArticle(BaseModel):
    """The request's JSON object. What it is not to hold is refused by name, so that no mistyped field is lost in silence."""

    model_config = ConfigDict(extra="forbid")

    title: Annotated[Line, Field(min_length=1, max_length=500)]
    text: Annotated[str, Field(validation_alias=AliasChoices("text", "body"))] = ""
    html: str = ""
    url: Annotated[Line, Field(max_length=2000), AfterValidator(_web_address)] = ""
    source: Annotated[Line, Field(max_length=120)] = ""
    guid: Annotated[Line, Field(max_length=500)] = ""
    language: Annotated[Line, Field(pattern=r"^([A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})*)?$", max_length=20)] = ""
    published_at: Annotated[AwareDatetime, AfterValidator(_in_utc)] | None = None

    def item(self) -> FeedItem:
        """The article as an item of a feed. Without a guid or address of its own it is known by what it says."""
        said = hashlib.sha256(f"{self.title}\n\n{self.html or self.text}".encode()).hexdigest()
        return FeedItem(
            guid=self.guid or self.url or f"sha256:{said}",
            url=self.url,
            title=plain_text(self.title),
            html=self.html,
            text=plain_text(self.text),
            published_at=self.published_at,
            language=self.language,
            outlet=self.source,
        )


class Refused(Exception):
    """Why a request is not taken, as a status and a JSON object."""

    def __init__(self, status: int, error: str, **more: Any) -> None:
        super().__init__(error)
        self.response = JsonResponse({"error": error, **more}, status=status)


@csrf_exempt
@require_POST
@never_cache
def post_article(request: HttpRequest) -> JsonResponse:
    """201 with the new article's id, or 200 if it was known; 400, 401, 413 and 422 say what was wrong. docs/api.md has it all."""
    try:
        firm = _firm_of(request.headers.get("Authorization", ""))
        article = _read(request)
        return _store(firm, article.item())
    except Refused as refused:
        if refused.response.status_code == 401:
            refused.response["WWW-Authenticate"] = 'Bearer realm="Bellwether"'
        return refused.response


def _firm_of(header: str) -> Firm:
    scheme, _, key = header.strip().partition(" ")
    if scheme.lower() == "bearer" and key:
        with every_firm():
            digest = ApiToken.digest_of(key.strip())
            token = ApiToken.objects.valid().filter(digest=digest).select_related("firm").first()
            if token:
                stale = Q(last_used_at=None) | Q(last_used_at__lt=Now() - timedelta(minutes=1))
                ApiToken.objects.filter(stale, pk=token.pk).update(last_used_at=Now())
                return token.firm
    raise Refused(401, "Send a valid key: Authorization: Bearer bw_…")


def _read(request: HttpRequest) -> PostedArticle:
    body = request.read(MOST_BYTES + 1)
    if len(body) > MOST_BYTES:
        raise Refused(413, f"An article may have {MOST_BYTES} bytes at most.")
    try:
        return PostedArticle.model_validate_json(body)
    except ValidationError as error:
        problems = error.errors(include_url=False, include_context=False, include_input=False)
        if problems[0]["type"] == "json_invalid":
            raise Refused(400, f"The body is no JSON: {problems[0]['msg']}") from error
        fields = [{"field": ".".join(map(str, each["loc"])) or "body", "reason": each["msg"]} for each in problems]
        raise Refused(422, "The article was not stored.", fields=fields) from error


def _store(firm: Firm, item: FeedItem) -> JsonResponse:
    with firm_scope(firm):
        source, _ = Source.objects.get_or_create(firm=firm, name=SOURCE_NAME, defaults={"kind": Source.Kind.PUSH})
    stored = ingest.store(source, [item])
    ring("read_articles", stored.new + stored.revised)
    if stored.new:
        return JsonResponse({"id": stored.new[0], "state": "stored"}, status=201)
    if stored.revised:
        return JsonResponse({"id": stored.revised[0], "state": "revised"})
    if stored.refused:
        raise Refused(422, "The article was not stored.", fields=[{"field": "title", "reason": "shows nothing to a reader"}])
    with firm_scope(firm):
        return JsonResponse({"id": ingest.known(source, item), "state": "known"})
