"""Word tables of the quick reading: our own, from general knowledge of how companies are written about.

Words are in small letters. UP and DOWN say where something went; GOOD and BAD what it was (profit up is good, costs up
are not). PRAISE and BLAME carry their direction themselves. PHRASES come first and use up their words.
"""


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


UP = _words(
    """
    accelerate accelerated accelerates accelerating add added adds advance advanced advances ascend balloon ballooned
    boost boosted boosting boosts bounce bounced bounces bullish buoyant climb climbed climbing climbs double doubled
    doubles doubling expand expanded expanding expands gain gained gaining gains grew grow growing grows grown growth high
    higher hike hiked hikes improve improved improves improving improvement increase increased increases increasing jump
    jumped jumping jumps leap leapt leaps lift lifted lifting lifts outpace outpaced peak peaked rallied rallies rally
    rallying quadruple quadrupled raise raised raises raising rebound rebounded rebounds recover recovered recovering
    recovers recovery rise risen rises rising rocket rocketed rose skyrocket skyrocketed soar soared soaring soars spike
    spiked spikes spurt spurts strengthen strengthened strengthens surge surged surges surging swell swelled top topped
    tripled triple triples up upbeat upside uptick upturn widen widened widening widens zoom zoomed zooms higher-than-expected
    """
)
DOWN = _words(
    """
    bearish collapse collapsed collapses contracted contraction crash crashed crashes crater cratered cut cuts
    cutting decelerate decline declined declines declining decrease decreased decreases dip dipped dips dive dived dives
    dove downturn downside down drop dropped dropping drops ease eased eases easing erode eroded erosion fall fallen
    falling falls fell halve halved halves less lose loses losing lost low lower lowered lowering lowers nosedive
    nosedived plummet plummeted plummets plunge plunged plunges plunging reduce reduced reduces reducing reduction retreat
    retreated retreats shed sheds shrank shrink shrinking shrinks shrunk sink sinking sinks skid skidded slash slashed
    slashes slashing slid slide slides sliding slip slipped slips slow slowed slower slowing slowdown slows slump slumped
    slumps slumping soften softened softer sank squeeze squeezed subdued tank tanked tanks tumble tumbled tumbles tumbling
    weaken weakened weakening weakens weaker narrow narrowed narrows narrowing trim trimmed trims curb curbed curbs
    lower-than-expected
    """
)
GOOD = _words(
    """
    assets backlog bookings capacity cashflow customers demand deliveries dividend dividends earnings ebit ebitda
    efficiency eps forecast guidance income index investment margin margins memberships operating-profit order orders
    outlook output payout popularity price prices pricing production productivity profit profitability profits returns
    revenue revenues sales savings share shares shipments stake stock stocks subscribers subscriptions target traffic
    turnover users valuation volume volumes yield nii pat aum capex spending inflows loans deposits hiring
    """
)
BAD = _words(
    """
    absences burden churn claims complaints cost costs debt debts deficit default defaults defects delays delinquencies
    emissions expense expenses fees impairment impairments imports inflation inventories inventory layoffs leverage
    liabilities liability loss losses npa npas outflow outflows penalties pressure provision provisions redemptions risk
    risks shortage shortages slippages tariff tariffs tax taxes unemployment vacancies write-downs write-offs bad-loans
    stress short-interest
    """
)
PRAISE = _words(
    """
    accretive ace achieve achieved achieves acclaimed approve approved approval approvals approves attractive award
    awarded awards bag bagged bags bargain beat beating beats benefit benefits best better breakthrough bright buoyed buy
    buyback clinch clinched clinches confident cheer cheered cheers cleared compelling deal delight eclipse eclipsed
    exceed exceeded exceeding exceeds excellent favourable favorable favourite favorite healthy innovative landmark launch
    launched launches lead leading lucrative milestone momentum opportunity optimism optimistic outperform outperformed
    outperforms outstanding overweight partnership positive profitable promising prosper reaffirm reaffirmed reaffirms
    record resilient reward rewarded robust secure secured secures settle settled solid splendid stellar strong stronger
    strongest succeed success successful superb surpass surpassed surpasses tailwind tailwinds thrive thriving upgrade
    upgraded upgrades undervalued unveils unveil unveiled vindicated win winner winning wins won
    """
)
BLAME = _words(
    """
    accident accused accuses adverse allegation allegations alleged antitrust arrest arrested ban banned bans bankrupt
    bankruptcy blame blamed block blocked blow breach breached bribery charged cheat cheating closure collusion complaint
    concern concerns concerned corruption crackdown crisis cyberattack cyber-attack damage damages deadlock deteriorate
    deteriorated deterioration defect defective delay delayed delays delist delisted delisting derail derailed disappoint
    disappointed disappointing disappoints disappointment disruption dispute disrupted doubt doubts downgrade downgraded
    downgrades dumped exodus fail failed failing fails failure fear fears fine fined fines fire flop fraud fraudulent glut
    grim halt halted halts headwind headwinds hit hits hurt hurting hurts illegal impaired infringe infringed infringement
    insolvency insolvent investigate investigated investigates investigation lag lagged lagging lags lawsuit lawsuits
    layoff layoffs liquidation litigation loss loss-making malfunction manipulation miss missed misses missing misconduct
    negative outage overvalued penalised penalized penalty pessimistic plague plagued poor probe probed probes problem
    problems protest protests pullback punish quit quits raid raided raids recall recalled recalls reject rejected rejects
    resign resigned resigns resignation restate restated restatement sanction sanctions scandal scrap scrapped scraps sell
    sell-off selloff shortage shortfall shut shutdown shuts shutting shutter slugfest struggle struggled struggles
    struggling strike sue sued sues suffer suffered suffers suspend suspended suspends suspension terminate terminated terminates
    terminating theft threat threaten threatened threatens threats trouble troubled trouble-hit turmoil uncertain
    uncertainty underperform underperformed underperforms underweight unprofitable violate violated violation violations
    volatile warn warned warning warnings warns weak weakness withdraw withdraws withdrew woes worries worry worse worsen
    worsened worst wrongdoing wipe wiped
    """
)
NEGATIONS = _words(
    "no not never neither nor without hardly barely cannot can't couldn't didn't doesn't don't isn't wasn't won't wouldn't "
    "aren't unlikely denies denied deny deny refutes avoids avoid avoided averts averted"
)
# Said of many things that are no news: a cue of less than half.
WEAK = _words(
    "leading lead launch launched launches unveils unveil unveiled deal buy innovative opportunity best index partnership "
    "add adds added capacity low high up down top positive successful record secure less growth problem problems loss"
)
HEDGES = _words("may might could if would whether possibly potentially reportedly rumour rumours rumor rumors")

# Pattern (on small letters) → direction, about −2…2 (1: one plain cue); 0 uses its words up.
PHRASES: tuple[tuple[str, float], ...] = (
    (
        r"declin\w+ to comment|subject to|strategic options|agreed not to|(?:no|without) (?:[\w'-]+ ){0,2}?(?:effect|impact|"
        r"bearing) on|"
        r"approval of (?:the )?shareholders|in the last|last year(?:'s)?|to buy back|sells? (?:its|a) (?:stake|unit)|"
        r"lower house|high court",
        0.0,
    ),
    (
        r"(?:won|wins?|receive[sd]?|awarded|awards|bag(?:s|ged)|land(?:s|ed)|secure[sd]?|clinch(?:es|"
        r"ed)) (?:[\w'$€£.,%-]+ ){0,6}?"
        r"(?:orders?|contracts?|deals?|licen[cs]es?)|(?:been |was |were )?(?:selected|chosen|picked)(?: (?:by|to))?|"
        r"(?:been |was |were )awarded|sole supplier|preferred supplier",
        1.3,
    ),
    (
        r"sign(?:s|ed) (?:[\w'$€£.,%-]+ ){0,6}?(?:agreements?|contracts?|deals?|orders?)|"
        r"(?:contracts?|agreements?|licen[cs]es?) (?:[\w'-]+ ){0,2}?(?:extended|renewed|prolonged)|"
        r"settle[sd]? (?:[\w'-]+ ){0,4}?(?:dispute|lawsuit|case|claims?)|(?:has |have )?resume[sd]?|savings|"
        r"market share gains?",
        1.0,
    ),
    (
        r"(?:won|wins?) (?:[\w'-]+ ){0,3}?(?:appeal|case|lawsuit|trial)|cleared of|without finding|(?:dismiss\w*|drop(?:s|ped)|"
        r"throws? out|threw out|close[sd]?) (?:[\w'-]+ ){0,3}?(?:lawsuits?|suit|complaint|investigation|inquiry|probe|charges)|"
        r"(?:met|meets|reached) (?:[\w'-]+ ){0,3}?(?:goals?|endpoints?|targets?)|(?:better|smaller|less|"
        r"milder)(?: \w+)? than feared|"
        r"at an? (?:[\w.%]+ ){0,2}?premium|(?:gain|win)(?:s|ed|ing)? market share|turn(?:s|ed) profitable|"
        r"no (?:further|more|new|longer need\w*) (?:[\w'-]+ ){0,2}?(?:write-?downs?|losses|charges|layoffs|cuts|delays)",
        1.3,
    ),
    (
        r"(?:lost|loses?) (?:[\w'-]+ ){0,3}?(?:appeal|case|lawsuit|customers?|clients?|contracts?|market share)|"
        r"cancel(?:s|led|ed|ling)? (?:[\w'-]+ ){0,3}?(?:orders?|contracts?|deal)|ordered (?:[\w'-]+ ){0,3}?to pay|injunction|"
        r"into the red|weigh(?:s|ed|ing)? on|laid off|lay(?:s|ing)? off|job cuts|at an? (?:[\w.%]+ ){0,2}?discount|"
        r"write-?(?:downs?|offs?)|impairment charges?|restructuring (?:costs|charges|provisions?)|removed from|stole(?:n)?|"
        r"grounded|bad loans (?:[\w'-]+ ){0,2}?(?:rose|rises?|increased?|climbed|jumped)|no growth|"
        r"(?:higher|rising|soaring) (?:energy|fuel|raw material|input|commodity|oil|steel|freight) (?:prices|costs)|"
        r"expects? (?:[\w'-]+ ){0,2}?loss(?:es)?|(?:could|can|did|does|do) ?not (?:improve|grow)|"
        r""
        r"(?:go(?:es)?|went|on) (?:on )?strike|would have (?:fallen|declined)|not as (?:strong|good|high)|"
        r"no longer expects? (?:[\w'-]+ ){0,5}?(?:grow|growth|rise|increase|profit)|"
        r"suspend(?:s|ed)? (?:[\w'-]+ ){0,2}?dividend|failed to meet|(?:not|n't) (?:meet|reach|achieve)",
        -1.3,
    ),
    (
        r"up to|set up|sets up|up for|made up|better known|high[- ]tech|"
        r"(?:agree[sd]?|plans?|set|will|would|option|offers?) (?:to )?buy",
        0.0,
    ),
    (r"(?:takes?|took|expect\w*|records?|recorded|books?|booked) (?:[\w'-]+ ){0,3}?charges?|cannot (?:sell|ship|operate)", -1.2),
    (
        r"(?:beat|beats|top|tops|topped|exceed|exceeds|exceeded|above|ahead of|"
        r"better than) (?:[\w'-]+ ){0,2}?(?:estimates?|expectations?|forecasts?|consensus|street)",
        1.5,
    ),
    (
        r"(?:miss|misses|missed|below|short of|fell short of|worse than|lag|lags) (?:[\w'-]+ ){0,2}?(?:estimates?|"
        r"expectations?|forecasts?|consensus|guidance|street)",
        -1.5,
    ),
    (
        r"(?:less|smaller|narrower|lower)[- ]than[- ](?:expected|feared|forecast) (?:loss|decline|drop|fall|"
        r"costs?)",
        1.0,
    ),
    (
        r"(?:raise|raises|raised|raising|lift|lifts|lifted|hike|hikes|hiked|boost|boosts|"
        r"boosted) (?:[\w'-]+ ){0,3}?(?:guidance|outlook|forecast|target|dividend|view)",
        1.4,
    ),
    (
        r"(?:cut|cuts|cutting|slash|slashes|slashed|lower|lowers|lowered|trim|trims|trimmed|withdraw|withdraws|"
        r"withdrew) (?:[\w'-]+ ){0,3}?(?:guidance|outlook|forecast|target|dividend|view|rating)",
        -1.4,
    ),
    (
        r"(?:cut|cuts|cutting|slash|slashes|slashed|reduce|reduces|reduced|lower|lowers|"
        r"lowered) (?:[\w'-]+ ){0,2}?(?:costs?|debt|losses|expenses)",
        0.8,
    ),
    (
        r"(?:cut|cuts|cutting|slash|slashes|axe|axes|shed|sheds) (?:[\w,.%]+ ){0,3}?(?:jobs?|staff|workforce|"
        r"workers|employees|output|production)",
        -0.8,
    ),
    (
        r"profit warning|warns on profit|going concern|chapter 11|ponzi|class action",
        -1.8,
    ),
    (
        r"(?:(?:hit|hits|hitting) )?(?:an? )?(?:fresh )?"
        r"(?:all-time|record|52-week|multi-year|lifetime|new|\d+-(?:week|month|year)) highs?",
        1.2,
    ),
    (
        r"(?:(?:hit|hits|hitting) )?(?:an? )?(?:fresh )?(?:all-time|record|52-week|multi-year|new|\d+-(?:week|month|"
        r"year)) lows?",
        -1.3,
    ),
    (
        r"(?:swing|swings|swung|return|returns|returned|back) to (?:a )?(?:profit|profitability|growth)",
        1.4,
    ),
    (
        r"(?:swing|swings|swung|slip|slips|slipped|fall|falls|fell) (?:in)?to (?:a )?(?:net )?loss",
        -1.5,
    ),
    (
        r"(?:net )?loss(?:es)? (?:[\w'-]+ ){0,2}?(?:narrow|narrows|narrowed|shrink|shrinks|shrank|halved|fell|falls|"
        r"decline[sd]?)",
        1.1,
    ),
    (
        r"(?:net )?loss(?:es)? (?:[\w'-]+ ){0,2}?(?:widen|widens|widened|rise|rises|rose|doubled|mount|mounts|"
        r"increase[sd]?)",
        -1.3,
    ),
    (
        r"in the red|red ink|in trouble|under pressure|under fire|under scrutiny|at risk|takes? a hit|"
        r"profit booking|short sellers?",
        -1.0,
    ),
    (
        r"in the green|on track|in demand|gains? ground|market share gains?|breaks? even|in favou?r",
        0.8,
    ),
    (
        r"rings? alarm|(?:fails?|failed|unable) to [\w'-]+|stops? short|falls? short|fell short|pulls? out|walks? away|"
        r"calls? off|called off",
        -1.0,
    ),
    (
        r"price target (?:[\w'-]+ ){0,2}?(?:raised|hiked|lifted|increased|upped)|(?:upgraded?|upgrades) to",
        1.2,
    ),
    (
        r"price target (?:[\w'-]+ ){0,2}?(?:cut|lowered|slashed|reduced)|(?:downgraded?|downgrades) to",
        -1.2,
    ),
    (
        r"^(?:accumulate|buy|add) |(?:maintains?|retains?|reiterates?|initiates?|"
        r"""has a) (?:[\w'-]+ ){0,2}?['\"]?(?:buy|outperform|overweight)""",
        1.3,
    ),
    (
        r"^(?:sell|avoid|reduce|exit|short|book profits) |(?:maintains?|retains?|reiterates?|"
        r"""has a) (?:[\w'-]+ ){0,2}?['\"]?(?:sell|underperform|underweight|reduce)""",
        -1.3,
    ),
    (
        r"(?:buy|outperform|overweight) (?:rating|call|tag)",
        1.0,
    ),
    (
        r"(?:sell|underperform|underweight) (?:rating|call|tag)",
        -1.0,
    ),
    (
        r"(?:ends?|closes?|opens?|trades?|settles?) (?:[\w'-]+ ){0,2}?(?:higher|up|strong)",
        1.0,
    ),
    (
        r"(?:ends?|closes?|opens?|trades?|settles?) (?:[\w'-]+ ){0,2}?(?:lower|down|weak|flat-to-lower)",
        -1.0,
    ),
    (
        r"(?:denies|denied|rejects|refutes|dismisses) (?:[\w'-]+ ){0,4}?(?:allegations?|claims?|reports?|rumou?rs?|charges)"
        r"(?: of [\w'-]+)?",
        0.7,
    ),
    (
        r"no (?:impact|effect|loss|damage|change|decision|plans?)|remains? unchanged|stay(?:s|ed)? (?:flat|"
        r"unchanged)|flat",
        0.0,
    ),
    (
        r"as expected|in line with",
        0.0,
    ),
    (
        r"top (?:picks?|gainers?|performers?)",
        1.0,
    ),
    (
        r"top losers?|worst performers?",
        -1.0,
    ),
    (
        r"stocks? (?:to (?:buy|watch|sell)|in (?:news|focus))|what to expect|here'?s (?:why|what)|should you",
        0.0,
    ),
)
