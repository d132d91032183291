"""Signs that a text speaks to a language model instead of to its reader: phrases in several languages, chat markup, disguises.

A flag is shown to the analyst; it changes no score, and what comes of such a text alone is doubted (alerts/doubt.py). The phrases
need both a verb of overriding and what is overridden, so that news about prompts, or a broker who asks to disregard an earlier
note, is not flagged. Every repetition in an expression is bounded where hostile text could make it start again and again.
"""

import base64
import binascii
import codecs
import re
from collections.abc import Iterable

FLAGS = (
    "hidden text",
    "bidi controls",
    "tag characters",
    "zero-width characters",
    "mixed alphabets",
    "chat markup",
    "instructions",
)

BIDI = re.compile("[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]")
TAG_CHARACTER = re.compile("[\U000e0001\U000e0020-\U000e007f]")
# The flags of England, Scotland and Wales are spelled with tag characters.
SUBDIVISION_FLAG = re.compile("\U0001f3f4[\U000e0061-\U000e007a]{1,8}\U000e007f")
ZERO_WIDTH_WORD = re.compile("[A-Za-z][\u200b-\u200d\u2060-\u2064\ufeff\u00ad]{1,4}(?=[A-Za-z])")
MIXED_WORD = re.compile("[A-Za-z][\u0400-\u052f][A-Za-z\u0400-\u052f]|[\u0400-\u052f][A-Za-z][A-Za-z\u0400-\u052f]")
BASE64 = re.compile(r"(?<![A-Za-z0-9+/])[A-Za-z0-9+/]{40,4000}={0,2}(?![A-Za-z0-9+/=])")

CHAT_MARKUP = re.compile(
    r"<\|(?:im_start|im_end|system|user|assistant|endoftext|eot_id|start_header_id)\|>|\[/?INST\]|<</?SYS>>|"
    r"</?(?:system|assistant|instructions?|article)>\s|^[ \t]{0,9}#{2,3}[ \t]{0,9}(?:system|instructions?)[ \t]{0,9}:?$|"
    r"^[ \t]{0,9}(?:system|assistant)[ \t]{0,9}:\s",
    re.IGNORECASE | re.MULTILINE,
)

_EARLIER = (
    r"(?:previous|prior|preceding|above|earlier|former|foregoing|existing|original|other|initial|your|system|all|these|those)"
)
_ORDERS = r"(?:instructions?|prompts?|directions?|directives?|guidelines|orders|commands?|system message|programming|constraints)"
_MACHINE = (
    r"(?:(?:ai|a\.i\.) (?:systems?|agents?|models?|assistants?)|(?:llm|language model|chatbot|assistant)s?|"
    r"automated (?:\w+ )?(?:systems?|readers?|pipelines?|agents?))"
)
# Each row: words of which one must occur for the expression to be worth trying, and the expression; both see lower case.
PHRASES = [
    (words.split("|"), re.compile(expression, re.MULTILINE))
    for words, expression in (
        (
            "ignore|disregard|forget|override|bypass|overlook|skip",
            r"\b(?:ignore|disregard|forget|override|bypass|overlook|skip)\W+(?:\w+\W+){0,3}?"
            rf"(?:{_EARLIER}\W+(?:\w+\W+){{0,3}}?{_ORDERS}|(?:every|any)thing\W+(?:\w+\W+){{0,3}}?(?:above|before|told))\b",
        ),
        (
            "ai|llm|model|automated|chatbot|assistant",
            rf"\b(?:note|message|notice|instructions?|attention) (?:to|for) (?:all |any |the )?{_MACHINE}\b",
        ),
        ("ai|llm|model|automated|chatbot|assistant", rf"(?:^[^\w\n]{{0,9}}|[.!?]\s){_MACHINE}\s?:"),
        ("_score", r"\b(?:sentiment|market_?impact|relevance)_score\b"),
        (
            "instruction|prompt",
            r"\b(?:repeat|reveal|print|output|show|leak|display)\W+(?:me\W+)?(?:your|the)\W+"
            r"(?:full|entire|whole|complete|hidden|system|initial|original)\W+(?:system\W+)?(?:instructions?|prompts?)\b",
        ),
        ("now", r"\byou (?:are|must) now (?:an?|in|act|the|going to)\b.{0,60}\b(?:ai|assistant|model|mode|dan)\b"),
        ("from now on", r"\bfrom now on,? you (?:are|will|must)\b"),
        ("new ", r"\bnew (?:system )?(?:instructions?|prompt)\s?:"),
        ("decode", r"\bdecode (?:this )?and (?:follow|obey|execute|run)\b"),
        ("alert", r"\b(?:do not|don't|never) (?:raise|send|create|trigger) (?:an |any )?alerts?\b"),
        ("](http", r"!\[[^\]\n]{0,80}\]\(https?://"),
        (
            "忽略|无视|無視|忽視|忘",
            r"(?:忽略|无视|無視|忽視|忘记|忘掉).{0,6}(?:之前|先前|以上|上述|前面|所有).{0,8}(?:指示|指令|提示|命令|规则)",
        ),
        ("無視|忘れ", r"(?:指示|命令|指令|プロンプト).{0,8}(?:無視|忘れ)"),
        ("무시|잊", r"(?:이전|앞의|위의).{0,10}(?:지시|명령|프롬프트).{0,8}(?:무시|잊)"),
        ("ignorier|vergiss|missacht", r"\b(?:ignorier|vergiss|missacht)\w{0,9}\b.{0,30}(?:anweisung|instruktion|vorgabe|befehl)"),
        ("ignore|oublie", r"\b(?:ignore[zr]?|oublie[zr]?)\b.{0,30}\b(?:instructions|consignes|directives)\b"),
        (
            "ignor|olvid|dimentica",
            r"\b(?:ignor[ae]r?|olvid[ae]|dimentica)\b.{0,30}\b(?:instrucciones|órdenes|instruções|istruzioni)\b",
        ),
        ("игнориру|забудь", r"(?:игнориру|забудь).{0,40}(?:инструкци|указани|команд)"),
        ("تجاهل", r"تجاهل.{0,30}(?:التعليمات|الأوامر)"),
    )
]


# Between sentences, lines, and the parts of a headline; the mark stays with what comes before it.
SENTENCE = re.compile(r"(?<=[.!?])(?=\s)|(?<=[。！？])|(?<=\n)|(?=\s[-–—|]\s)")
ORDERS = {"instructions", "chat markup"}
LEFT_OUT = " […]"
# How a sentence begins that goes on with an order.
GOES_ON = re.compile(
    r"\W*(?:(?:and|then|also|instead|next|now|please|finally)\W+)*"
    r"(?:set|write|return|output|respond|reply|answer|say|state|rate|give|assign|include|append|add|end|print|repeat|begin|start|"
    r"do not|don't|never|always|label|score|classify|use|follow|decode|treat|report|mark|make|your|you|the correct|"
    r"sentiment|summary|example|"
    r"schreib\w*|setze|gib|antworte\w*|bewerte|escrib\w+|pon|responde\w*|écri\w+|mets|mettez|répond\w*|escrev\w+|scrivi|imposta|"
    r"напиши\w*|установи\w*|ответь\w*)\b|\W*(?:اكتب|写|寫|输出|輸出|设|設|書|출력|작성|쓰)"
)


def is_suspect(flags: Iterable[str]) -> bool:
    """Whether one of an article's flags says that its text speaks to a model; that its date is odd does not."""
    return not set(FLAGS).isdisjoint(flags)


def text_flags(text: str) -> set[str]:
    """The flags of `FLAGS` that a text earns by itself, its invisible characters still in it."""
    found = {
        "bidi controls": BIDI.search(text) is not None and _is_left_to_right(text),
        "tag characters": TAG_CHARACTER.search(SUBDIVISION_FLAG.sub("", text)) is not None,
        "zero-width characters": len(ZERO_WIDTH_WORD.findall(text)) >= 3,
        "mixed alphabets": len(MIXED_WORD.findall(text)) >= 2,
        "chat markup": CHAT_MARKUP.search(text) is not None,
        "instructions": any(_instructs(form.lower()) for form in _readings(text)),
    }
    return {flag for flag, is_found in found.items() if is_found}


def without_orders(text: str) -> str:
    """The text without the sentences that speak to a model, and without what they go on to ask for: what a model is given of it.

    What is left says that something was taken out, and where.
    """
    kept: list[str] = []
    was_order = False
    for part in SENTENCE.split(text):
        is_order = bool(text_flags(part) & ORDERS) or (was_order and GOES_ON.match(part.lower()) is not None)
        if is_order and part.strip():
            kept += ["" if was_order else LEFT_OUT, part[len(part.rstrip()) :]]
        else:
            kept.append(part)
        was_order = is_order if part.strip() else was_order
    left = "".join(kept).strip()
    # An order may stand in no single sentence, and then nothing of the text is given.
    return left if not text_flags(left) & ORDERS else ""


def _instructs(text: str) -> bool:
    return any(expression.search(text) for words, expression in PHRASES if any(word in text for word in words))


def _is_left_to_right(text: str) -> bool:
    # Arabic and Hebrew text has honest uses for direction marks; a text without a letter of theirs has none.
    return re.search("[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefc]", text) is None


def _readings(text: str) -> list[str]:
    """The text as it stands, without what hides inside words, and as its usual disguises decode."""
    tags = "".join(chr(ord(character) - 0xE0000) for character in re.findall("[\U000e0020-\U000e007e]", text))
    plain = re.sub("[\u00ad\u061c\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufeff\U000e0000-\U000e007f]", "", text)
    forms = [plain, tags]
    if text.isascii() or "rot13" in text.lower():
        forms.append(codecs.encode(plain, "rot13"))
    forms += [decoded for token in BASE64.findall(plain)[:20] if (decoded := _from_base64(token))]
    return forms


def _from_base64(token: str) -> str:
    try:
        return base64.b64decode(token + "=" * (-len(token) % 4), validate=True).decode("utf-8")
    except (binascii.Error, UnicodeDecodeError):
        return ""
