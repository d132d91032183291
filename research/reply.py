"""The shape of a model's full reading, and the gate it has to pass.

Numbers out of range, missing fields and wrong types refuse the whole reply: nothing is clamped or filled in.
Prose is stripped of links and markup; readings of companies nobody asked about are left out and counted.
"""

import json
import math
import re
import unicodedata
from collections.abc import Collection
from typing import Annotated, Any, Literal, NoReturn, TypeVar

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError, field_validator, model_validator
from pydantic.json_schema import SkipJsonSchema

from research.events import EVENT_TYPES, OTHER, ROLES
from research.folding import INVISIBLE
from research.scoring import normalise

LONGEST_REPLY = 100_000
SECTION_KEYS = ("new", "thesis", "risk", "unspecified", "supports", "against", "watch")
LIST_KEYS = frozenset({"supports", "against", "watch"})
CLAIMS = ("summary", *SECTION_KEYS)
QUOTE_LENGTHS = (8, 600)
_CLAIM = re.compile(rf"{'|'.join(CLAIMS)}|(?:{'|'.join(sorted(LIST_KEYS))})\.[0-9]{{1,2}}")


class ReplyRejected(Exception):
    """The reply is not to be used. `code` is one word for counting; `detail` names places, never quotes the reply."""

    def __init__(self, code: str, detail: str) -> None:
        super().__init__(f"{code}: {detail}")
        self.code = code
        self.detail = detail


# --- prose -----------------------------------------------------------------------------------------------

_IMAGE = re.compile(r"!\[[^\]]*\]\([^)]*\)")
_LINK = re.compile(r"\[([^\]]*)\]\(\s*[^)]*\)")
_COMMENT = re.compile(r"<!--.*?(?:-->|$)", re.S)
_TAG = re.compile(r"<\s*/?\s*[a-zA-Z!?][^<>]*(?:>|$)")
_ADDRESS = re.compile(
    r"(?:[a-z][a-z0-9+.-]{1,15}://|www\.|(?:javascript|vbscript|data|mailto|tel):)\S*"
    r"|(?<![\w@.])[\w-]+(?:\.[\w-]+)+/\S*|[\w.+-]+@[\w-]+(?:\.[\w-]+)+",
    re.I,
)
_EMPHASIS = re.compile(r"\*\*|__|`+|^\s{0,3}#{1,6}\s+|^\s{0,3}(?:[-*•]|\d{1,2}[.)])\s+", re.M)
_SPACES = re.compile(r"[^\S\n]+")


def plain(text: str) -> str:
    """Prose without links, addresses, HTML or Markdown, control and invisible characters; line breaks kept."""
    text = _drawable(text).replace("\r\n", "\n").replace("\r", "\n")
    for pattern, instead in ((_COMMENT, " "), (_IMAGE, " "), (_LINK, r"\1"), (_TAG, " "), (_ADDRESS, " "), (_EMPHASIS, "")):
        text = pattern.sub(instead, text)
    lines = (_SPACES.sub(" ", line).strip() for line in text.split("\n"))
    return "\n".join(line for line in lines if line)


def _drawable(text: str) -> str:
    """Without what PostgreSQL refuses (NUL, lone surrogates) and what a reader cannot see."""
    kept = (c for c in INVISIBLE.sub("", text) if c in "\n\r\t" or unicodedata.category(c) not in {"Cc", "Cs"})
    return "".join(kept)


def _plain(value: object) -> object:
    return plain(value) if isinstance(value, str) else value


def _quotable(value: object) -> object:
    return _drawable(value).strip() if isinstance(value, str) else value


Prose = Annotated[str, BeforeValidator(_plain)]
Share = Annotated[float, Field(ge=0, le=1, allow_inf_nan=False)]


class _Part(BaseModel):
    model_config = ConfigDict(strict=True, extra="ignore", frozen=True)


# --- the reply -------------------------------------------------------------------------------------------


class IssuerReading(_Part):
    """What the story means for one company's shareholders. The probabilities sum to 1; impact null: cannot be told."""

    issuer: str = Field(min_length=1, max_length=200)
    p_positive: Share
    p_neutral: Share
    p_negative: Share
    market_impact: Share | None
    role: str = Field(max_length=80, json_schema_extra={"enum": list(ROLES)})
    reason: Prose = Field(max_length=300)

    @model_validator(mode="before")
    @classmethod
    def _sum_to_one(cls, said: Any) -> Any:
        names = ("p_positive", "p_neutral", "p_negative")
        if not isinstance(said, dict) or not all(type(said.get(name)) in {int, float} for name in names):
            return said  # the fields' own checks name what is wrong
        if not all(0 <= said[name] <= 1 for name in names):
            return said
        return said | dict(zip(names, normalise(*(said[name] for name in names)), strict=True))


class EvidenceQuote(_Part):
    """Words of the text that bear out one claim: 'summary', a section key, or an item of a list ('supports.2')."""

    claim: str
    quote: Annotated[str, BeforeValidator(_quotable)]


class Event(_Part):
    """What kind of event (`research.events`), where the thing it is about moves, and whether it is reported as fact."""

    type: str = Field(max_length=80, json_schema_extra={"enum": list(EVENT_TYPES)})
    direction: Literal["up", "down", "unchanged"] | None = None
    fact_level: Literal["fact", "forecast", "opinion"] | None = None
    scheduled: bool | None = None


class SecondOrder(_Part):
    """A company that the event reaches through another: as supplier, customer, competitor …"""

    issuer: str = Field(min_length=1, max_length=200)
    role: str = Field(max_length=80, json_schema_extra={"enum": list(ROLES)})
    reason: Prose = Field(min_length=1, max_length=300)


class Reply(_Part):
    """One full reading. `unknown_issuers`, `unknown_words` and `dropped_evidence` say what was left out of it."""

    summary: Prose = Field(min_length=1, max_length=1200)
    sections: dict[str, Prose] = Field(default_factory=dict)
    primary: str
    issuers: list[IssuerReading] = Field(min_length=1, max_length=20)
    second_order: list[SecondOrder] = Field(default_factory=list, max_length=20)
    evidence: list[EvidenceQuote] = Field(max_length=60)
    event: Event | None = None
    confidence: Share
    horizon: Literal["intraday", "days", "quarters", "years"] | None = None
    unknown_issuers: SkipJsonSchema[tuple[str, ...]] = ()
    unknown_words: SkipJsonSchema[tuple[str, ...]] = ()
    dropped_evidence: SkipJsonSchema[int] = 0

    @field_validator("sections", mode="before")
    @classmethod
    def _known_sections(cls, said: Any) -> Any:
        if not isinstance(said, dict):
            return said
        return {key: said[key] for key in SECTION_KEYS if said.get(key) is not None}

    @field_validator("sections")
    @classmethod
    def _filled_sections(cls, sections: dict[str, str]) -> dict[str, str]:
        if any(len(text) > 4000 for text in sections.values()):
            raise ValueError("a section is longer than 4000 characters")
        return {key: text for key, text in sections.items() if text}


def parse_reply(raw: str, candidates: Collection[str] | None = None, related: Collection[str] = ()) -> Reply:
    """The reply in `raw`: one JSON object, bare or in one fenced block.

    `candidates` are the issuers asked about, `related` those that an event may reach through them; what is said of others is
    left out (None: nobody checks). A role or a type of event that is none of ours is "other".
    Raises ReplyRejected with code 'too_long', 'not_json', 'truncated', 'too_deep', 'duplicate_key', 'not_finite',
    'missing', 'wrong_type', 'out_of_range', 'probabilities', 'duplicate_issuer', 'primary_unknown' or
    'primary_without_reading'.
    """
    said = _object(raw)
    # Ours to say, not the model's.
    for ours in ("unknown_issuers", "unknown_words", "dropped_evidence"):
        said.pop(ours, None)
    try:
        reply = Reply.model_validate(said)
    except ValidationError as error:
        _reject(error)
    return _in_our_words(_checked(reply, candidates, related))


def _in_our_words(reply: Reply) -> Reply:
    """With roles and the type of event out of our own lists, and those that were not among what was left out."""
    event = reply.event
    said = [each.role for each in reply.issuers] + [each.role for each in reply.second_order]
    unknown = [_drawable(role) for role in said if role not in ROLES]
    if event and event.type not in EVENT_TYPES:
        unknown.append(_drawable(event.type))
        event = event.model_copy(update={"type": OTHER})
    changes = {
        "event": event,
        "issuers": [_in_a_role(each) for each in reply.issuers],
        "second_order": [_in_a_role(each) for each in reply.second_order],
        "unknown_words": tuple(unknown),
    }
    return reply.model_copy(update=changes)


PartT = TypeVar("PartT", IssuerReading, SecondOrder)


def _in_a_role(said: PartT) -> PartT:
    return said if said.role in ROLES else said.model_copy(update={"role": ROLES[-1]})


def _checked(reply: Reply, candidates: Collection[str] | None, related: Collection[str]) -> Reply:
    named = [reading.issuer for reading in reply.issuers]
    if len(set(named)) < len(named):
        raise ReplyRejected("duplicate_issuer", "an issuer has two readings")
    known = [reading for reading in reply.issuers if candidates is None or reading.issuer in candidates]
    reached = {each.issuer: each for each in reversed(reply.second_order) if each.issuer not in named}  # a reading says more
    beside = reached if candidates is None else {*candidates, *related}
    unknown = [name for name in named if candidates is not None and name not in candidates]
    unknown += [name for name in reversed(reached) if name not in beside]
    if candidates is not None and reply.primary not in candidates:
        raise ReplyRejected("primary_unknown", "the primary issuer is none of the candidates")
    if reply.primary not in {reading.issuer for reading in known}:
        raise ReplyRejected("primary_without_reading", "the primary issuer has no reading")
    placed = [item.model_copy(update={"claim": _place(item.claim, reply.sections)}) for item in reply.evidence]
    evidence = [item for item in placed if _usable(item)]
    dropped = len(reply.evidence) - len(evidence)
    return reply.model_copy(
        update={
            "issuers": known,
            "second_order": [reached[name] for name in reversed(reached) if name in beside],
            "evidence": evidence,
            "unknown_issuers": tuple(map(_drawable, unknown)),
            "dropped_evidence": dropped,
        }
    )


def _place(claim: str, sections: dict[str, str]) -> str:
    """The claim as we write it; an item that its list does not have stands for the whole list."""
    key, _, number = claim.partition(".")
    if not number or not _CLAIM.fullmatch(claim):
        return claim
    return f"{key}.{int(number)}" if 1 <= int(number) <= len(sections.get(key, "").splitlines()) else key


def is_claim(words: str) -> bool:
    """Whether they name what a quote can bear out: summary, a section, an item of a list."""
    return bool(_CLAIM.fullmatch(words))


def _usable(item: EvidenceQuote) -> bool:
    return bool(_CLAIM.fullmatch(item.claim)) and QUOTE_LENGTHS[0] <= len(item.quote) <= QUOTE_LENGTHS[1]


# --- JSON ------------------------------------------------------------------------------------------------

_FENCED = re.compile(r"```[a-zA-Z]*\s*\n(.*?)\n?\s*```", re.S)


class _Duplicate(ValueError):
    pass


class _NotFinite(ValueError):
    pass


def _object(raw: str) -> dict[str, Any]:
    if len(raw) > LONGEST_REPLY:
        raise ReplyRejected("too_long", f"{len(raw)} characters")
    text = _unfenced(raw.strip())
    try:
        said = json.loads(text, object_pairs_hook=_pairs, parse_constant=_no_constant, parse_float=_finite)
    except _Duplicate as error:
        raise ReplyRejected("duplicate_key", str(error)) from None
    except _NotFinite as error:
        raise ReplyRejected("not_finite", str(error)) from None
    except RecursionError:
        raise ReplyRejected("too_deep", "nested too deeply") from None
    except ValueError as error:  # JSONDecodeError, and integers of thousands of digits
        at_end = isinstance(error, json.JSONDecodeError) and (error.pos >= len(text) or error.msg.startswith("Unterminated"))
        code = "truncated" if at_end and text.startswith("{") else "not_json"
        raise ReplyRejected(code, "not one complete JSON object") from None
    if not isinstance(said, dict):
        raise ReplyRejected("wrong_type", "the reply is not an object")
    return said


def _unfenced(text: str) -> str:
    blocks: list[str] = _FENCED.findall(text)
    if len(blocks) == 1 and not text.startswith("{"):
        return blocks[0].strip()
    return text


def _pairs(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    made = dict(pairs)
    if len(made) < len(pairs):
        raise _Duplicate("a key is given twice")
    return made


def _no_constant(name: str) -> NoReturn:
    raise _NotFinite(f"{name} is not a number")


def _finite(digits: str) -> float:
    value = float(digits)
    if not math.isfinite(value):
        raise _NotFinite("a number is too large")
    return value


def _reject(error: ValidationError) -> NoReturn:
    first = error.errors(include_url=False, include_context=False, include_input=False)[0]
    place = ".".join(str(step) for step in first["loc"])
    kind = first["type"]
    if kind == "missing":
        raise ReplyRejected("missing", place) from None
    if kind == "value_error" and "probabilities" in first["msg"]:
        raise ReplyRejected("probabilities", f"{place}: {first['msg'][:80]}") from None
    if kind in _RANGE_ERRORS:
        raise ReplyRejected("out_of_range", f"{place}: {kind}") from None
    raise ReplyRejected("wrong_type", f"{place}: {kind}") from None


_RANGE_ERRORS = {
    "greater_than_equal", "less_than_equal", "finite_number", "string_too_short", "string_too_long",
    "too_short", "too_long", "literal_error", "value_error",
}  # fmt: skip


# --- schema ----------------------------------------------------------------------------------------------

_KEPT_WORDS = {"type", "properties", "items", "enum"}


def reply_schema() -> dict[str, Any]:
    """JSON schema of Reply for a `response_format`, within what strict servers know.

    Every property required, no additional ones, null as a second type; lengths and ranges are left to
    `parse_reply`, because several servers refuse those keywords.
    """
    schema = Reply.model_json_schema()
    schema["properties"]["sections"] = {
        "type": "object",
        "properties": {key: {"type": ["string", "null"]} for key in SECTION_KEYS},
    }
    return _strict(schema, schema["$defs"])


def _strict(node: dict[str, Any], definitions: dict[str, Any]) -> dict[str, Any]:
    if "$ref" in node:
        return _strict(definitions[node["$ref"].rsplit("/", 1)[-1]], definitions)
    if "anyOf" in node:
        return _nullable(_strict(node["anyOf"][0], definitions))
    kept = {key: value for key, value in node.items() if key in _KEPT_WORDS}
    if "properties" in kept:
        kept["properties"] = {name: _strict(part, definitions) for name, part in kept["properties"].items()}
        kept |= {"required": list(kept["properties"]), "additionalProperties": False}
    if "items" in kept:
        kept["items"] = _strict(kept["items"], definitions)
    return kept


def _nullable(node: dict[str, Any]) -> dict[str, Any]:
    made = node | {"type": [node["type"], "null"]}
    if "enum" in made:
        made["enum"] = [*made["enum"], None]
    return made
