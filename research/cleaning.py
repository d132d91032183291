"""What of an item's markup is shown to people, what text goes to the model, and which address an article is known by."""

import re
import unicodedata
from collections.abc import Iterator
from html import escape
from itertools import groupby
from urllib.parse import parse_qsl, urlencode, urljoin, urlsplit, urlunsplit

import courlan
import nh3

from research.markup import BLOCK, Tag, Text, read_markup
from research.suspicion import FLAGS, text_flags

# No news item is longer; what lies behind it is cut before anything reads it.
MAX_MARKUP = 500_000

SAME = ("a", "blockquote", "br", "code", "dd", "div", "dl", "dt", "em", "h2", "h3", "h4", "hr", "li", "ol", "p", "pre", "strong")
TABLE = ("caption", "sub", "sup", "table", "tbody", "td", "tfoot", "th", "thead", "tr", "ul")
SHOWN = {name: name for name in SAME + TABLE} | {
    "b": "strong", "i": "em", "h1": "h2", "h5": "h4", "h6": "h4", "section": "div", "article": "div", "figcaption": "p"
}  # fmt: skip
ATTRIBUTES = {"a": {"href"}, "td": {"colspan", "rowspan"}, "th": {"colspan", "rowspan"}}
# What an element's start and end are in plain text; those of one line begin it and do not end it.
LINES = ("br", "li", "tr", "dt", "dd")
BREAKS = dict.fromkeys(BLOCK, "\n\n") | dict.fromkeys(LINES, "\n") | {"td": " ", "th": " "}

# Characters that show nothing, or change the order of what is shown: soft hyphen, combining grapheme joiner, Arabic letter mark,
# Hangul fillers, Mongolian separators, zero-width and bidi controls, invisible operators, variation selectors, BOM, interlinear
# annotations, the tag block; then surrogates, non-characters and all controls but tab and line ends.
INVISIBLE = re.compile(
    "[\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u202a-\u202e\u2060-\u206f\u3164\ufe00-\ufe0f\ufeff"
    "\uffa0\ufff0-\ufffb\U000e0000-\U000e0fff\ud800-\udfff\ufdd0-\ufdef\ufffe\uffff\x00-\x08\x0b\x0e-\x1f\x7f-\x84\x86-\x9f]"
)

# Parameters that tell where a reader came from and never which article it is. courlan's own list also takes cid, eid, uid and
# all that begin with ref or ga, by which some publishers number their articles: two articles would become one.
TRACKER = re.compile(
    r"(utm|mtm|pk|piwik|matomo|hsa|oly|vero|mkt|itm|ml|stm)_.+|_ga|_gl|_hsenc|_hsmi|_openstat|mc_[ce]id|ga_.+|"
    r"(fb|g|dc|ms|y|tw|tt|li_fat_|wbra|gbra|igsh|sc|epi)cl?id|igshid?|fb_(action_ids|ref|source)|at_(campaign|medium|.+_id)|"
    r"(cm|s)_(mmc|cid|kwcid)|cmpid|ncid|ito|ocid|spm|xtor|yclid|mkevt|campaign_?id|ref_?src|ref_?url|rss|partner",
    re.IGNORECASE,
)


def clean_html(html: str, base: str = "") -> str:
    """An item's markup, safe to show: visible parts only, an allow-list of plain elements, absolute http(s) links.

    `base` is the item's own address, for its relative links; without it they lose their target.
    """
    return nh3.clean(
        "".join(_rewrite(html[:MAX_MARKUP], base)),
        tags=set(SHOWN.values()),
        attributes=ATTRIBUTES,
        attribute_filter=_keep_attribute,
        url_schemes={"http", "https"},
        link_rel="noopener nofollow",
    )


def _rewrite(html: str, base: str) -> Iterator[str]:
    for part in read_markup(html):
        if isinstance(part, Text):
            if part.is_visible:
                yield escape(_without_invisible(part.text), quote=False)
        elif part.name in SHOWN:
            shown = SHOWN[part.name]
            kept = {name: value for name, value in part.attributes.items() if name in ATTRIBUTES.get(shown, ())}
            if "href" in kept:
                kept["href"] = _resolve(base, kept["href"])
            pairs = "".join(f' {name}="{escape(value)}"' for name, value in kept.items())
            yield f"</{shown}>" if part.is_end else f"<{shown}{pairs}>"


def _resolve(base: str, href: str) -> str:
    try:
        return urljoin(base, href.strip())
    except ValueError:
        return ""


def _keep_attribute(tag: str, name: str, value: str) -> str | None:
    if name == "href":
        # A relative link would lead into our own site.
        return value if re.match(r"(?i)https?://[^/]", value) else None
    return value if name == "rel" or (value.isdecimal() and len(value) < 3) else None


def visible_text(html: str) -> str:
    """The text a reader would see: Unicode NFKC without invisible characters, blanks folded, lines by \\n, paragraphs by \\n\\n.

    A text without markup is its own visible text, but for what looks like a tag or an entity in it.
    """
    return plain_text("".join(_text_parts(html[:MAX_MARKUP])))


def _text_parts(html: str) -> Iterator[str]:
    parts = list(read_markup(html))
    # In markup a line end is a blank; in plain text, which may hold a stray <b>, it is one.
    is_markup = any(isinstance(part, Tag) and part.name in BREAKS for part in parts)
    for part in parts:
        if isinstance(part, Tag):
            yield "" if part.is_end and part.name in LINES else BREAKS.get(part.name, "")
        elif part.is_visible:
            yield part.text.replace("\n", " ") if is_markup else part.text


def plain_text(text: str) -> str:
    """Text with its characters normalised and its blanks folded, as `visible_text` gives it, from text that is no markup."""
    lines = (" ".join(line.split()) for line in unicodedata.normalize("NFKC", _without_invisible(text)).splitlines())
    paragraphs = ("\n".join(group) for has_text, group in groupby(lines, key=bool) if has_text)
    return "\n\n".join(paragraphs)


def _without_invisible(text: str) -> str:
    return text if text.isascii() and text.isprintable() else INVISIBLE.sub("", text)


def suspicious(markup: str) -> tuple[str, ...]:
    """What in an item's markup or text is meant for a model rather than a reader, as flags of `suspicion.FLAGS`, in its order."""
    parts = [part for part in read_markup(markup[:MAX_MARKUP]) if isinstance(part, Text)]
    found = text_flags("".join(part.text for part in parts if part.is_visible))
    hidden = " ".join(part.text for part in parts if not part.is_visible)
    if len(hidden.split()) >= 3:
        found |= {"hidden text"} | text_flags(hidden)
    return tuple(flag for flag in FLAGS if flag in found)


def canonical_url(url: str) -> str:
    """The key under which one article is known whoever links to it, '' when `url` is not http(s). A key, not an address to open.

    https for both schemes, no fragment, default port, tracking parameters or final slash; parameters sorted; the same again for
    its own result.
    """
    try:
        parts = urlsplit(url.strip())
        if parts.scheme not in ("http", "https") or not parts.hostname or not _is_printable(url.strip()):
            return ""
        default = {"http": 80, "https": 443}[parts.scheme]
        port = f":{parts.port}" if parts.port not in (None, default) else ""
        host = f"[{parts.hostname}]" if ":" in parts.hostname else parts.hostname.rstrip(".")
        shape = courlan.normalize_url(urlunsplit(("https", host + port, parts.path, "", "")), trailing_slash=False)
    except ValueError:
        return ""
    pairs = parse_qsl(parts.query, keep_blank_values=True)
    query = urlencode(sorted(pair for pair in pairs if not TRACKER.fullmatch(pair[0])))
    return shape.rstrip("/") + (f"?{query}" if query else "")


def _is_printable(url: str) -> bool:
    return url.isprintable() and " " not in url
