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
        r"merger|merges?|blocks? (?:[\w'-]+ ){0,4}?(?:deal|takeover|acquisition)",
        0.62,
    ),
    "stake": (
        r"(?:takes?|took|discloses?|disclosed|buys?|bought|builds?|built|reveals?|acquires?|raises?|new|big|sells?|sold|cuts?) "
        r"(?:[\w$€£.,'’-]+ ){0,6}?stakes?|(?:invests?|invested) (?:[\w$€£.,-]+ ){0,3}?in|"
        r"bets? (?:[\w$€£.,-]+ ){0,3}?(?:billion|on)|"
        r"(?:buys?|bought|purchase[sd]?) (?:[\w$€£.,-]+ ){0,6}?(?:stock|shares)",
        0.45,
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
        r"sees? (?:[\w'-]+ ){0,3}?(?:sales|revenue|profit)|(?:blowout|stellar|strong|jaw[- ]dropping|cosmological|upbeat|"
        r"dismal) "
        r"(?:[\w'’-]+ ){0,3}?(?:guidance|forecasts?|projections?|outlook)|forecast beat",
        0.65,
    ),
    "results": (
        r"(?:quarter\w*|q[1-4]|annual|full-year|half-year|first-half) (?:[\w'-]+ ){0,4}?(?:results?|profit|earnings|"
        r"revenue|sales|loss)|(?:results?|profit|earnings|revenue|loss) (?:[\w'-]+ ){0,5}?(?:quarter|q[1-4]|year)|"
        r"(?:beats?|misses|tops?) (?:[\w'-]+ ){0,3}?(?:estimates?|expectations?)|earnings (?:beat|miss)|net profit|"
        r"net loss|monthly (?:sales|revenue)|(?:blowout|stellar|super|record|strong|weak|disappointing|poor) "
        r"(?:[\w'-]+ ){0,2}?(?:earnings|results|quarter)|earnings (?:spark|lift|boost|send|sink)\w*",
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
        r"develop)\w*|mou|memorandum|to (?:jointly )?build (?:[\w'-]+ ){0,4}?(?:platforms?|vehicles?|centers?|centres?)",
        0.33,
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
        r"launch(?:es|ed)?|unveil\w*|introduc\w+|release[sd]?|(?:announces?|intros?|reveals?|new|"
        r"latest) (?:[\w'-]+ ){0,4}?(?:chips?|processors?|"
        r"gpus?|products?|services?|platforms?|phones?|models?|architecture)",
        0.25,
    ),
    "price move": (
        r"(?:shares?|stocks?) (?:[\w'-]+ ){0,4}?(?:plung\w+|tumbl\w+|soar\w*|surg\w+|jump\w*|crash\w*|plummet\w*|"
        r"sink\w*|sank|skyrocket\w*|slump\w*|tank\w*|rall\w+|popped)|(?:plung\w+|tumbl\w+|soar\w*|surg\w+|rocketed|"
        r"plummet\w*) (?:[\w'-]+ ){0,5}?(?:\d+(?:\.\d+)?%|percent|per cent)|(?:surges?|rally|soars?|slumps?|plunges?|boost) "
        r"(?:[\w'-]+ ){0,2}?(?:after|on|as|boosts?|leading|sparks?|lifts?)|(?:sparks?|sparking|"
        r"spurs?) (?:[\w'-]+ ){0,4}?(?:surge|rally|selloff|sell-off)|"
        r"trillion[- ](?:dollar )?(?:club|mark|market|in market|company|chip)|(?:highest|lowest) (?:close|level)",
        0.36,
    ),
}

# Our kinds → the types of research.events, and finer ones by the words beside them (the first that fits).
TYPE_OF: dict[str, str] = {
    "insolvency": "insolvency.bankruptcy",
    "accounting": "earnings.restatement",
    "takeover": "deal.offer",
    "stake": "deal.stake_bought",
    "acquisition": "deal.agreed",
    "guidance": "guidance.issued",
    "results": "earnings.results",
    "investigation": "regulation.investigation",
    "litigation": "legal.lawsuit_filed",
    "trade rules": "trade.export_control",
    "recall": "product.recall",
    "accident": "disaster.accident",
    "drug decision": "science.result",
    "management": "management.executives_changed",
    "capital": "capital.share_issue",
    "contract": "contract.agreement",
    "partnership": "partnership.formed",
    "investment": "investment.capital_expenditure",
    "jobs": "workforce.layoffs",
    "rating": "analyst_rating.reiterated",
    "product": "product.launch",
    "price move": "market.price_move",
}
REFINED: dict[str, tuple[tuple[str, str], ...]] = {
    "insolvency": (
        (r"liquidat", "insolvency.liquidation"),
        (r"defaults? on", "credit.default"),
        (r"emerg", "insolvency.emergence"),
    ),
    "accounting": (
        (r"delist", "capital.delisting"),
        (r"fraud|falsif", "governance.fraud_alleged"),
        (r"auditor", "governance.auditor_changed"),
    ),
    "takeover": (
        (r"called off|terminat|scrap|abandon", "deal.terminated"),
        (r"reject", "deal.rejected"),
        (r"in talks|considers?|weighs", "deal.talks"),
        (r"complete|closes", "deal.completed"),
        (r"merge", "deal.merger"),
        (r"agree", "deal.agreed"),
    ),
    "stake": ((r"(?:sells?|sold|cuts?) ", "deal.stake_sold"), (r"start-?up", "investment.stake_in_startup")),
    "acquisition": (
        (r"in talks|considers?|weighs", "deal.talks"),
        (r"complete[sd]?", "deal.completed"),
        (r"called off|terminat|scrap", "deal.terminated"),
        (r"stake", "deal.stake_bought"),
    ),
    "guidance": (
        (r"profit warning", "guidance.profit_warning"),
        (r"withdr", "guidance.withdrawn"),
        (r"reaffirm|reiterat|maintain", "guidance.reaffirmed"),
        (r"raise|lift|hike|boost|strong|upbeat|blowout|stellar", "guidance.raised"),
        (r"cuts?|slash|lower|weak|soft|disappoint|bleak|gloomy", "guidance.lowered"),
        (r"preliminary", "earnings.preliminary"),
    ),
    "results": (
        (r"beats?|tops?|blowout|above|exceed", "earnings.beat"),
        (r"miss|below|short of", "earnings.miss"),
        (r"monthly", "earnings.monthly_sales"),
    ),
    "investigation": ((r"antitrust", "regulation.antitrust_review"), (r"close|drop|end", "regulation.investigation_closed")),
    "litigation": (
        (r"class action", "legal.class_action"),
        (r"settle", "legal.settlement"),
        (r"fine[sd]?\b|penalt", "legal.fine"),
        (r"appeal", "legal.appeal"),
        (r"verdict|jury|ruling|rules|court", "legal.ruling"),
    ),
    "trade rules": (
        (r"tariff", "trade.tariff"),
        (r"sanction|entity list|blacklist", "trade.sanction"),
        (r"licen[cs]e", "trade.licence_granted"),
    ),
    "recall": ((r"defect", "product.defect"),),
    "accident": (
        (r"hack|cyber|ransom", "security.cyber_attack"),
        (r"breach", "security.data_breach"),
        (r"outage", "security.outage"),
        (r"earthquake|flood|storm", "disaster.natural_disaster"),
        (r"fire", "disaster.fire"),
        (r"strike", "workforce.strike"),
        (r"shut|halt|lockdown", "operations.production_halted"),
    ),
    "drug decision": (
        (r"approv|clear", "science.drug_approved"),
        (r"reject", "science.drug_rejected"),
        (r"hold", "science.clinical_hold"),
        (r"fail", "science.trial_failure"),
    ),
    "management": (
        (r"names?|appoint", "management.appointed"),
        (r"resign|steps? down|quits?|oust|fired|leaves?|retire", "management.departed"),
    ),
    "capital": (
        (r"buyback|repurchase", "distribution.buyback_announced"),
        (r"special dividend", "distribution.special_dividend"),
        (r"dividend", "distribution.dividend_cut"),
        (r"split", "capital.split"),
        (r"ipo|public", "capital.listing"),
        (r"convertible", "capital.convertible_issue"),
        (r"debt|bond|note", "capital.debt_issue"),
        (r"rights", "capital.rights_issue"),
    ),
    "contract": (
        (r"wins?|won|award|bags?|lands?", "contract.won"),
        (r"orders?", "contract.order"),
        (r"licen[cs]", "contract.licensing"),
    ),
    "partnership": (
        (r"joint venture", "partnership.joint_venture"),
        (r"mou|memorandum", "partnership.memorandum"),
        (r"co-?(?:design|develop)|jointly|to build", "partnership.co_development"),
    ),
    "investment": ((r"plant|factory|fab|capacity|expand", "operations.expansion"),),
    "jobs": ((r"restructur", "operations.restructuring"),),
    "rating": (
        (r"downgrade", "analyst_rating.downgrade"),
        (r"upgrade", "analyst_rating.upgrade"),
        (r"initiat", "analyst_rating.coverage_started"),
        (r"target (?:[\w'-]+ ){0,2}?(?:cut|lower|slash)|(?:cuts?|lowers?) ", "analyst_rating.target_lowered"),
        (r"target (?:[\w'-]+ ){0,2}?(?:raise|hike|lift)|(?:raises?|lifts?) ", "analyst_rating.target_raised"),
    ),
    "product": ((r"delay", "product.delayed"), (r"discontinu", "product.discontinued")),
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
