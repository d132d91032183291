"""Kinds of event the quick reading knows, and pieces that report none: patterns on small letters, our own.

Sizes are hand-set expectations of the effect on the share, 0…1, on the scale of the market impact score.
"""

# Name → (pattern on small letters, size of effect to expect 0…1).
EVENTS: dict[str, tuple[str, float]] = {
    "insolvency": (
        r"bankrupt\w*|insolven\w*|chapter 11|liquidation|receivership|defaults? on|going concern",
        0.9,
    ),
    "accounting": (
        r"accounting (?:fraud|irregularit\w*|scandal)|restate\w*|falsif\w*|delist\w*|auditor resign\w*",
        0.8,
    ),
    "takeover": (
        r"takeover|buyout|to be acquired|take[- ]private|tender offer|agrees? to (?:buy|acquire)|hostile bid|"
        r"merger|merges?",
        0.62,
    ),
    "acquisition": (
        r"acqui(?:re|res|red|ring|sition|sitions)|(?:buys|to buy|bought) (?:[\w'-]+ ){0,3}?(?:stake|unit|business|"
        r"maker|startup|firm)|all-stock deal",
        0.45,
    ),
    "guidance": (
        r"profit warning|(?:cut|cuts|slash\w*|lower\w*|withdr\w+|raise[sd]?|lift\w*|hike[sd]?|"
        r"boost\w*) (?:[\w'-]+ ){0,4}?(?:guidance|outlook|forecast)|(?:weak|soft|strong|upbeat|disappointing|bleak|"
        r"gloomy) (?:[\w'-]+ ){0,2}?(?:guidance|outlook|forecast)|preliminary results|warns? of|"
        r"sees? (?:[\w'-]+ ){0,3}?(?:sales|revenue|profit)",
        0.65,
    ),
    "results": (
        r"(?:quarter\w*|q[1-4]|annual|full-year|half-year|first-half) (?:[\w'-]+ ){0,4}?(?:results?|profit|earnings|"
        r"revenue|sales|loss)|(?:results?|profit|earnings|revenue|loss) (?:[\w'-]+ ){0,5}?(?:quarter|q[1-4]|year)|"
        r"(?:beats?|misses|tops?) (?:[\w'-]+ ){0,3}?(?:estimates?|expectations?)|earnings (?:beat|miss)|net profit|"
        r"net loss|monthly (?:sales|revenue)",
        0.5,
    ),
    "investigation": (
        r"(?:antitrust|criminal|federal|sec|doj|ftc|regulator\w*|eu) (?:[\w'-]+ ){0,3}?(?:probe|investigat\w+|"
        r"charge[sd]?|complaint|lawsuit|sues?)|investigat\w+|probe[sd]?|subpoena\w*|raid(?:s|ed)?|indict\w*",
        0.5,
    ),
    "litigation": (
        r"lawsuits?|sue[sd]?|suing|court|jury|verdict|settle(?:s|d|ment)?|patent (?:case|ruling|infringement)|"
        r"fined?|penalt\w+|antitrust",
        0.38,
    ),
    "trade rules": (
        r"export (?:ban|curb\w*|control\w*|licen[cs]e\w*|restriction\w*|rule\w*)|sanction\w*|entity list|"
        r"blacklist\w*|tariffs?|banned? (?:[\w'-]+ ){0,3}?(?:sale|sales|export\w*|from)|curbs? on",
        0.58,
    ),
    "recall": (
        r"recall(?:s|ed|ing)?|safety (?:defect|issue)|grounded|contaminat\w+",
        0.5,
    ),
    "accident": (
        r"explosion|plant fire|fire at|earthquake|outage|hack(?:ed|ers?)?|cyber-?attack|data breach|ransomware|"
        r"ransom|strike at|shut(?:s|down)? (?:[\w'-]+ ){0,3}?(?:plant|factory|production)|"
        r"halts? (?:[\w'-]+ ){0,3}?(?:production|output|operations)|lockdown",
        0.45,
    ),
    "drug decision": (
        r"fda (?:[\w'-]+ ){0,3}?(?:approv\w+|reject\w*|clear\w*)|phase (?:2|3|ii|iii)|clinical (?:trial|hold)|"
        r"trial (?:fails?|failed|results?)",
        0.6,
    ),
    "management": (
        r"(?:ceo|chief executive|cfo|chairman|finance chief) (?:[\w'-]+ ){0,4}?(?:resign\w*|steps? down|quits?|ousted|"
        r"fired|retire\w*|dies|leaves?|replaced?)|(?:resign\w*|ousts?|names?|appoints?) (?:[\w'-]+ ){0,4}?(?:ceo|"
        r"chief executive|cfo)",
        0.42,
    ),
    "capital": (
        r"(?:share|stock|secondary|rights|debt|convertible|bond|note) (?:offering|issue|sale)|ipo|goes public|"
        r"going public|buyback\w*|repurchase\w*|stock split|share split|special dividend|"
        r"suspend\w* (?:[\w'-]+ ){0,2}?dividend|raises? (?:\$|rs|us\$|€)",
        0.38,
    ),
    "contract": (
        r"(?:wins?|won|awarded|secures?d?|bags?|lands?|signs?) (?:[\w$.,-]+ ){0,5}?(?:contract|order|orders|deal|"
        r"agreement|supply)|multi-?(?:year|billion)[- ](?:dollar )?(?:deal|contract|agreement)|supply (?:deal|"
        r"agreement)|(?:contract|deal|order) worth",
        0.4,
    ),
    "partnership": (
        r"partner(?:s|ed|ing|ship)?|team(?:s|ed)? up|collaborat\w+|alliance|joint venture|co-?(?:design|"
        r"develop)\w*|mou|memorandum",
        0.3,
    ),
    "investment": (
        r"(?:\$|us\$|€|£)\s?\d[\d.,]*\s?(?:b|bn|billion|trillion)\b|invest(?:s|ed|ing|"
        r"ment)? (?:[\w'-]+ ){0,3}?(?:billion|plant|factory|fab)|new (?:plant|factory|fab)|(?:build|"
        r"expand)\w* (?:[\w'-]+ ){0,4}?(?:plant|factory|fab|capacity)",
        0.4,
    ),
    "jobs": (
        r"lay(?:s|ing)? ?offs?|laid off|job cuts?|cut(?:s|ting)? (?:[\w,.]+ ){0,3}?(?:jobs|staff|workforce|"
        r"employees)|hiring freeze|restructur\w+",
        0.42,
    ),
    "rating": (
        r"upgrade[sd]?|downgrade[sd]?|price target|initiat\w+ (?:[\w'-]+ ){0,3}?(?:coverage|at)|outperform|overweight|"
        r"underweight|underperform",
        0.27,
    ),
    "product": (
        r"launch(?:es|ed)?|unveil\w*|introduc\w+|release[sd]?|announces? (?:[\w'-]+ ){0,4}?(?:chip|processor|gpu|"
        r"product|service|platform|phone|model)",
        0.2,
    ),
    "price move": (
        r"(?:shares?|stock) (?:[\w'-]+ ){0,4}?(?:plung\w+|tumbl\w+|soar\w*|surg\w+|jump\w*|crash\w*|plummet\w*|"
        r"sink\w*|sank|skyrocket\w*|slump\w*|tank\w*|rall\w+)|(?:plung\w+|tumbl\w+|soar\w*|surg\w+|"
        r"plummet\w*) (?:[\w'-]+ ){0,3}?(?:\d+(?:\.\d+)?%|percent)",
        0.35,
    ),
}

# Pieces that report no event: their size of effect is at most this.
ROUTINE: tuple[tuple[str, float], ...] = (
    (
        r"stocks? to (?:buy|watch|own|sell|hold|avoid)|best (?:[\w'-]+ ){0,3}?stocks?|stocks? (?:that|you|i'd|we)|"
        r"\d+ (?:[\w'-]+ ){0,4}?stocks|should you (?:buy|sell|invest)|is (?:it|now) (?:a good )?time to|better buy|"
        r"(?:a )?buy (?:now|today|the dip)\b|if you(?:'d| had)? invested|millionaire|no-brainer|forever",
        0.08,
    ),
    (
        r"here'?s (?:why|what|how)|what (?:you|investors) (?:need|should)|why (?:i|you|we)\b|opinion|jim cramer|"
        r"podcast|transcript|prediction\w*|\?$",
        0.15,
    ),
    (
        r"(?:options?|call|put) (?:activity|volume|traders?)|unusual (?:options?|whale)|whale|technical analysis|"
        r"moving average|short interest|implied volatility|zacks|insider (?:buying|selling|sales?)",
        0.12,
    ),
    (
        r"(?:to|will) (?:present|participate|speak|attend|host) (?:[\w'-]+ ){0,6}?(?:conference|webinar|summit|event|"
        r"call)|announces? (?:date|timing|upcoming|participation|conference)|reports? transactions|to (?:report|"
        r"announce|release) (?:[\w'-]+ ){0,6}?results|conference call|webcast|annual meeting",
        0.1,
    ),
    (
        r"(?:benchmark|review|hands[- ]on|how to|best (?:deals?|laptops?|phones?|gaming)|deal of the day|discount|"
        r"black friday|\d+% off|on sale|prime day|leak(?:s|ed)?|rumou?r(?:s|ed)?|geforce rtx \d+|radeon rx)",
        0.15,
    ),
    (
        r"market research|market (?:size|share) (?:[\w'-]+ ){0,4}?(?:report|forecast|2\d{3})|cagr|"
        r"global (?:[\w'-]+ ){0,4}?market",
        0.05,
    ),
    (
        r"(?:dow|nasdaq|s&p 500|sensex|nifty|wall street|futures|markets?) (?:[\w'-]+ ){0,4}?(?:close[sd]?|ends?|"
        r"opens?|falls?|rises?|slides?|rall\w+|mixed|higher|lower)|stock market (?:today|news)|market (?:wrap|"
        r"close|snapshot)",
        0.2,
    ),
)
