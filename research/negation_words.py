"""What negations are made of: words and patterns of research.negations. Pure."""

import re

from portfolios.ordinary import words
from research.word_stems import stem, stems

CLAUSE = re.compile(
    r"[,;:()](?=\s(?!\d))|\s--?(?=\s)|\s(?=(?:but|while|although|though|whereas|which|who|because|and|than)\b)|(?<!\bMr)(?<!\bMs)(?<!\bDr)(?<!\bvs)(?<!\b[A-Z])[.!?]+[\"')]*(?=\s|$)|\n",
    re.I,
)
SENTENCE_MARKS = frozenset(".!?;\n")
PLAIN = words("not no never neither nor none nobody nothing nowhere without zero hardly barely")
DENYING = stems("deny refuse reject refute fail unable unlikely lack absent dismiss oppose cancel scrap avoid prevent waive")
DECLINE = stem("decline")
# What makes a clause a negative one, without saying which of its words is denied.
NEGATIVE = stems(
    """impossible missing miss absence halt stop cease withdraw suspend sole rather instead abandon shelve
    immune doubt overstate half-hearted except drop resist exclude rarely seldom still remain until indefinite pend
    restrict ban curb reticent silent unique exclusive prohibit forbid"""
)
# Words that are other words by their stem: offers, Sam.
NEGATIVE_AS_WRITTEN = words("only alone few fewer same")
PHRASES = tuple(
    (re.compile(pattern, re.I), word)
    for pattern, word in (
        (r"\b(?:turn|vot)(?:e|es|ed|s|ing)? down\b", "reject"),
        (r"\b(?:turn|vot)(?:e|es|ed|s|ing)? ([\w-]+ ){1,4}down\b", "reject"),
        (r"\bcall(?:s|ed|ing)? off\b", "cancel"),
        (r"\brul(?:e|es|ed|ing) out\b", "exclude"),
        (r"\b(?:giv(?:e|es|en|ing)|gave) up\b|\bwalk(?:s|ed|ing)? away from\b|\bback(?:s|ed|ing)? out of\b", "abandon"),
        (r"\bagainst (?=\w+ing\b)", "not "),
        (r"\bon hold\b|\b(?:put|hold|held|stave|fend|back)(?:s|d|ed|ing)? off\b", "suspend"),
    )
)
HEDGES = stems("whether if unless until might could would should question any possible possibly ask hope")
OF_VIEW = stems("see think believe consider regard")
NEWS = frozenset({"summary", "new"})
FACTUAL = NEWS | {"thesis", "supports"}
RISKY = frozenset({"risk", "watch", "against", "unspecified"})
MAYBE = re.compile(
    r"\b(?:may|might|could|would|should|need|can) not\b|\bcan(?:not|'t) be (?:sure|certain|told|ruled)|\bno "
    r"(?:guarantee|certainty|assurance|sign)|"
    r"\bnot (?:certain|guaranteed|assured|clear|sure|necessarily|yet|all|every|just|alone)\b|\bif\b|\bunless\b|\bwhether\b",
    re.I,
)
# What a story does not tell is nothing that it denies.
UNSAID = stems(
    """give say state name mention disclose specify quote tell explain detail describe reveal quantify list report
    publish repeat share
    provide include cover put discuss show cite print figure confirm compare part address identify attribute know break
    clear elaborate
    set outline spell contain express determine date public"""
)
STORY = re.compile(
    r"\b(?:text|story|stories|article|excerpt|filing|release|report|headline|piece|source|announcement|document|item|author|writer|statement"
    r"|summary|passage|paragraph|extract|letter|news|teaser|note|8-k|10-k|10-q)s?\b",
    re.I,
)
IN_STORY = re.compile(
    r"\b(?:in|from|of|by) (?:the|this|any of the|either|these) (?:\w+ )?" + STORY.pattern.removeprefix("\\b"),
    re.I,
)
TOLD = re.compile(
    r"\b(?:is|are|was|were|has been|have been|gets?|got)(?: also| now| fully| all)? (?:given|stated|named|mentioned"
    r"|disclosed|specified|quoted|told|said|"
    r"explained|detailed|described|revealed|quantified|listed|reported|published|repeated|shared|provided|included|covered|discussed|cited|compared|"
    r"known|shown|addressed|identified|part of|in the|in this)\b"
    r"|\b(?:gives?|says?|names?|states?|mentions?|discloses?|specifies|specify|quotes?|tells?|explains?|"
    r"describes?|reveals?|lists?|provides?|includes?|contains?|shows?)\b"
    r"|\b(?:is|are) (?:clear|known|certain|visible|quoted|evident)\b|\b(?:text|story|article|excerpt|filing|release|report) has\b"
    r"|\bappears? in the (?:text|story|article|excerpt|filing|release|report)\b",
    re.I,
)
# "cut off before the date is given"
UNTOLD = re.compile(
    r"\b(?:un(?:clear|known|named|disclosed|specified|stated|said|certain|reported|answered|quoted|determined)"
    r"|only|apart|except|cut off"
    r"|cut short|breaks? off|left (?:open|out)|open|missing|silent|little|few|hardly"
    r"|without|lacks?|fails?|omits?|remains?)\b",
    re.I,
)
NOT_ONLY = re.compile(r"\bnot only\b(?!.*\b(?:but|also)\b)", re.I)
NO_OTHER = re.compile(r"\b(?:no|not any|without) other\b|\b(?:nobody|no ?one|nothing) else\b|\brivals?\b", re.I)
SUPERLATIVE = re.compile(r"\b(?:\w{3,}est|most|first|best|largest|record|world leader)\b", re.I)
COMPARED = re.compile(r"\b(?:no|not) (?:earlier|later|more|less|fewer|sooner|higher|lower)\b", re.I)
ENOUGH = re.compile(r"(?:\bnot|n't|\bhardly) (?:(?:\w+ )?(?:enough|sufficient)|\w+'s\b)", re.I)
SOLE = stems("only sole alone unique exclusive single")
NO_WORD = re.compile(
    r"\b(?:no|not any|without)(?: \w+)? (?:news|information|details?|evidence|indications?|signs?"
    r"|mention|word|hint|comment|reason given)\b",
    re.I,
)
TWICE = re.compile(
    r"\b(?:not|never|n't)\b(?!.*\bbut\b)[^,;]*\b(?:nothing|nobody|none|no one)\b"
    r"|\b(?:nothing|nobody|none|no (?!reason|longer|more|less|doubt)\w+|neither)\b[^,;]*"
    r"\b(?:is|are|was|were|has|have|will|can|does|do|did) not\b",
    re.I,
)
NOMINAL = re.compile(r"\b(?:not|n't) (?:an?|the|its|their|any)\b", re.I)
NOT_PRIVATIVE = stems("unveil unwind unlock unleash undertake undergo underperform understand union united")
PASSIVE = stems("be nothing")
# It stands in a statement where "did not" was.
EMPHATIC = re.compile(
    r"(?<!nor )(?<!so )(?<!as )(?<!than )(?<!only )\b(?:does|did|do) (?:fully |yet )?(?!not\b|n't|so\b|it\b|this\b"
    r"|that\b|the\b|\w+ly\b|business\b|its\b|well\b|more\b|better\b|worse\b|in\b|on\b|for\b|at\b|a\b)[a-z]+"
)
RAISING = stems(
    "mean think believe expect see plan intend want need seem likely appear agree have be able do make allow continue"
)
# Verbs that say little by themselves: they count with another word of what is denied.
COMMON = stems(
    """be have do make get give say state tell take go come see use put plan expect think believe work want need know
    mean let keep find
    show look own decide stay remain become begin start continue allow seem well year quarter month time day price new
    more company
    share sale market business stock report result deal group term much many long high low same good far yet full real change part
    world way name investment growth grow revenue profit earn product analyst investor involve number other thing people"""
)
EMPTY = words(
    """a an the and or of to in on at by for from with as it its he she his her they them their this that these those is
    are was were be been being
    has have had do does did will would shall should can could may might must also so such very quite really fully yet
    ever even still any
    just now then there here who which what when where how why if whether than too i we you our your us not no longer
    immediately properly
    about into over under after before between during through more most other another some all each both one same own
    currently further necessarily itself himself out up off down because while although though but otherwise already
    directly always"""
)
SAME = {
    stem(word): stem(group.split()[0])
    for group in (
        "comment elaborate respond reply answer response", "disclose reveal specify detail share",
        "buy purchase acquire acquisition",
        "expect anticipate foresee", "intend aim", "stop halt cease", "admit confirm acknowledge", "agree accept approve consent",
        "commit commitment oblige bind binding", "change alter modify", "sell dispose", "begin start",
        "rise increase gain climb jump advance expand",
        "fall drop slip slide lower", "grant award",
        "replace substitute",
        "participate involve involvement", "worth deserve", "return come", "pay earn receive",
    )
    for word in group.split()
}  # fmt: skip
OPPOSITES = tuple(
    (stems(no), stems(yes))
    for no, yes in (
        ("deny refute", "confirm admit acknowledge concede"),
        ("reject refuse dismiss", "accept agree approve grant welcome"),
        ("fail", "succeed manage"),
        ("cancel scrap", "proceed"),
    )
)
LEFT_OVER = re.compile(
    r"\b(?:any ?more|at all|any longer|by any means)\b|\byet$|\beither$"
    r"|\b(?:has|have|is|are|was|were) yet\b(?! to)"
    r"|\b(?:confirmed|disclosed|named|gave|mentioned|reported|found|saw|has|have|had|made|showed|admitted|identified) any\b",
    re.I,
)
