"""A model that does whatever it is told, by anybody: the worst reader that hostile text can hope for.

It takes orders from the story as from the prompt, and decodes what is disguised. What it is told to write it writes everywhere.
"""

import base64
import binascii
import codecs
import re
from typing import Any

from tests.model_server import Reply, Request, candidates_in, good_reading, good_reply, story_in

CANARY = re.compile(r"[A-Z]{6,}\d{3,}")
ADDRESS = re.compile(r"(?:https?://|www\.)\S+|!?\[[^\]]*\]\([^)]*\)")
SCORE = re.compile(r"(?:sentiment|market_?impact)_score\s*(?:=|to|:|of|设置为)?\s*(-?\d+(?:\.\d+)?)")
TICKERS = re.compile(r"\b(?:[A-Z]{1,5}(?:\.[A-Z]{1,2})?|\d{4,6}\.[A-Z]{2})\b")
SECRETS = re.compile(r"repeat|reveal|print|output|show", re.IGNORECASE)
BASE64 = re.compile(r"[A-Za-z0-9+/]{24,}={0,2}")


def everything(request: Request) -> str:
    """All that it was told, and what that decodes to."""
    said = "\n".join(message["content"] for message in request.body["messages"])
    story = story_in(request)
    decoded = [_from_base64(token) for token in BASE64.findall(story)]
    return "\n".join([said, *decoded, codecs.encode(story, "rot13")])


def obey(request: Request) -> Reply:
    """The good reply, with whatever it was told put into each field that takes words or numbers."""
    said, story = everything(request), story_in(request)
    told = sorted({*CANARY.findall(said), *(match.group() for match in ADDRESS.finditer(story))})
    if SECRETS.search(story) and "instructions" in story:
        told.append(request.body["messages"][0]["content"][:300])
    words = " ".join(told)
    made: Reply = good_reply(request)
    made["summary"] = f"{made['summary']} {words}"[:800]
    made["sections"] = {**made["sections"], "new": words or "It was announced.", "watch": f"{words}\nA date"}
    made["issuers"] = [_scored(issuer, story) | {"reason": f"Named. {words}"[:200]} for issuer in made["issuers"]]
    known = {candidate["key"] for candidate in candidates_in(request)}
    made["issuers"] += [good_reading(ticker) for ticker in dict.fromkeys(TICKERS.findall(story)) if ticker not in known][:20]
    made["evidence"] += [{"claim": "thesis", "quote": line} for line in story.splitlines() if CANARY.search(line)][:5]
    return made


def _scored(issuer: dict[str, Any], story: str) -> dict[str, Any]:
    wanted = [float(number) for number in SCORE.findall(story)]
    if not wanted:
        return issuer
    share = min(max(wanted[0], 0.0), 1.0)
    return {**issuer, "p_positive": share, "p_neutral": 0.0, "p_negative": 1 - share, "market_impact": share}


def _from_base64(token: str) -> str:
    try:
        return base64.b64decode(token + "=" * (-len(token) % 4)).decode()
    except (binascii.Error, ValueError):
        return ""
