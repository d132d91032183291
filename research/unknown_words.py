"""Word classes for names of unknown companies: what ends a name on its left, what no company is called, what speaks for one."""

from portfolios.ordinary import words

# Legal forms, longest first where one begins another. "Group" and "Partners" alone are none: "Working Group".
FORMS = (
    "Co., Limited", "Co., Ltd", "Co. Ltd", "Co.,Ltd", "Co Ltd", "Company Limited", "Pte. Ltd", "Pte Ltd", "Pty Ltd",
    "Pvt. Ltd", "Pvt Ltd", "Private Limited", "Sdn Bhd", "Incorporated", "Inc", "Corporation", "Corp", "Limited", "Ltd", "LLC",
    "L.L.C", "plc", "PLC", "Plc", "GmbH", "KGaA", "AG", "SE", "NV", "N.V", "S.A.S", "S.A", "SA", "SpA", "S.p.A", "S.r.l", "AB",
    "ASA", "A/S", "ApS", "Oyj", "K.K", "Bhd", "Tbk", "Holdings", "Holding", "& Co", "Company", "Co",
)  # fmt: skip
CJK_FORMS = ("有限公司", "株式会社")
# Behind a comma these are states, titles and models: "Las Vegas, NV".
NO_COMMA = words("AG SE NV SA AB Company Holding Holdings Limited")

# Capitalised words that stand before a name and are no part of it: those that begin sentences, of headlines, roles.
BEFORE_NAME = words(
    """a ab about according accuses acquire acquires acquisition across action adds adopts after ag against agreement ahead
    alert all also although am america's amid among an analyst analysts analyzing and announced announces announcing
    anticipate appoints approves apr april are as asia's asks at aug august australian automaker award awards backs bags
    based be because before behalf behind bets between beyond billion boosts both breaking brings british brokers but buy
    buying buys by call calls can canadian ceo cfo chair chairman chief chinese chipmaker chipmakers chipset class client
    clients closes co-founder collaborates comparing completes contact contrasting corp corporation could coverage
    critical cto cut cuts danish deadline deal dec december decreases delivers despite did director do does downgrade
    downgraded downgrades dr drugmaker during dutch earnings edt enters est estimates et europe's european even ever
    every exclusive executive executives exits expands expect expects explores eyes faces featuring feb february files
    finds finnish following for forecasts former formerly founder french friday from gains games german get gets giant
    give gives giving gmbh gmt grows had has have he hedges helps her here hikes hires his hits holding holds how however
    if in inc include includes including increases indian initiates inks inside insider interview into introduces
    introducing invest invested investing investor investors invests is isn't israeli it italian its jan january japanese
    join joins joint jul july jun june just keeps korean lands largest latest launch launched launches lawsuit leads led
    let lifts like limited llc lowers ltd made maker makes mar march may meanwhile meet meets merge merger might million
    monday more most move moves mr mrs ms my nabs named names near news no norwegian not notable notifying nov november
    now nv oct october of off offers on only opens options or our out outpacing over own owner partnering partnership per
    picks plans players plc plus pm poised position posts power powered predict predicts presents prices prof projects
    pros purchases q1 q2 q3 q4 raised raises ranks rates rating reaches read reasons receives reduces reiterates reits
    release releases reminder rename renames report reportedly reporting reports requests review reviewing reviews rival
    russian sa said saturday says scores se secures see seeks sees selects sell selling sells sep sept september set sets
    several shareholder shareholders shares she shorts should showcases signed signs since singaporean slashes sold some
    spanish stake starts still stock stocks subsidiaries subsidiary such sue sues sunday suppliers supports swedish swiss
    taiwanese take takes taps targets teams tells than that the their then there these they this those though through
    thursday to today trader traders transcript trillion trimmed trims tuesday turkish turns two u.k u.s uk under unlike
    until unveiled unveils up update upgrade upgraded upgrades upon upped urges us use uses using versus via vice vs
    warns was watch we wednesday weighs welcomes were what what's when where whether which while who whom why wide will
    wins with within without would yesterday you your"""
)
# Those that may also stand inside a name, but begin none: "Partner Communications" we miss.
FIRST_IN_NONE = words(
    """best board body company competitor competitors developer key leader major parent partner partners player president
    project provider retailer startup strong supplier tech top vendor"""
)
# Words of which no company's name consists alone.
GENERIC = words(
    """adviser advisers advisor advisors advisory ag american asset assets associates automotive bank bankshares biotech
    business capital china cloud co communications companies company corp corporate corporation counsel credit data
    digital education electronics energy engineering enterprise equipment fabless finance financial first foundation global gold
    group health holding holdings inc industrial industries insights insurance international internet investment
    investments life limited lithium llc ltd management manufacturing marine market media medical mining mobile motor
    motors national networks oil one organization participants partners plc power private pte pty public pvt renewable
    research semiconductor services silver software solar solutions southern systems technologies technology telecom
    trading united uranium venture ventures wealth"""
)
# A name with one of these is an institution, a fund, an index, a law firm, a publisher, an event or a product line.
NOT_COMPANIES = words(
    """academy act administration agency airport alliance army assembly association attorney attorneys authority award
    awards bureau cabinet campus centre chamber church city college commission committee conference congress consortium
    council county court department district embassy etf etfs etn expo federal federation fellowship festival forum
    foundation fund funds globe government governor hospital house index indices initiative institute institution
    investigation ipad iphone ishares journal judge justice laboratory law league llp magazine marshal mayor minister
    ministry museum nasdaq nation nations navy network newsletter newspaper newswire nyse oems office pentagon podcast
    podcasts police post president prnewswire program project proshares province publishing republic school secretary
    securities senate senator society spdr state states street summit times token treasury tribune trust union university
    vanguard vs wire"""
)
PLACES = words(
    """africa alabama alaska america angeles argentina arizona arkansas asia atlanta austin australia austria bangalore
    bangkok barcelona beijing belgium berlin boston brazil britain brussels california cambridge canada chicago chile
    china colombia colorado connecticut copenhagen dallas delaware delhi denmark denver detroit dubai dublin egypt
    england eu europe finland florida france francisco frankfurt georgia germany greece hamburg hawaii helsinki hong
    hongkong houston idaho illinois india indiana indonesia iowa iran iraq ireland israel istanbul italy jakarta japan
    jersey jose kansas kentucky kenya kingdom kong korea kyiv london louisiana madrid maine malaysia maryland
    massachusetts melbourne mexico michigan milan minneapolis minnesota mississippi missouri montana moscow mumbai munich
    nairobi nebraska netherlands nevada nigeria norway ohio oklahoma ontario oregon oslo ottawa oxford pakistan paris
    pennsylvania philadelphia philippines phoenix poland portugal prague qatar russia scotland seattle seoul shanghai
    shenzhen singapore spain stockholm sweden switzerland sydney taipei taiwan tennessee texas thailand tokyo toronto
    turkey uk ukraine united us usa utah vancouver vermont vienna vietnam virginia warsaw washington wisconsin wyoming
    york zurich"""
)
# What is behind a name that an appositive describes: "Acme, a maker of robots".
KINDS = (
    "bank", "biotech", "brokerage", "chipmaker", "company", "conglomerate", "contractor", "designer", "developer",
    "distributor", "firm", "foundry", "maker", "manufacturer", "operator", "producer", "provider", "retailer", "start-up",
    "startup", "subsidiary", "supplier", "unicorn", "vendor",
)  # fmt: skip
