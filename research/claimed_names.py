"""Names in prose that no text and no candidate has: a company, person or product that the model brought along. Pure.

A name is a word with a capital that is not there to begin a sentence. Peoples, places, months and common short forms are
no claims.
"""

import re
from collections.abc import Iterable, Sequence
from functools import cache, lru_cache
from typing import NamedTuple

from babel import Locale

from portfolios.company_names import press_names
from portfolios.ordinary import is_ordinary, words
from portfolios.registers import press_table
from portfolios.sample_files import rows
from research.context import FIRST_NAMES
from research.folding import fold

_PEOPLES = words(
    """african american arab argentine asian australian austrian belgian brazilian british bulgarian canadian chilean
    chinese croatian
    czech danish dutch egyptian english estonian european finnish french german greek hungarian icelandic indian indonesian
    iranian irish israeli italian japanese kenyan korean kuwaiti latin latvian lithuanian malaysian mexican nigerian
    nordic norwegian
    pakistani peruvian polish portuguese qatari romanian russian saudi scottish serbian singaporean slovak slovenian
    spanish swedish
    swiss taiwanese thai turkish ukrainian vietnamese welsh western eastern northern southern north south east west central middle
    europe asia africa america americas oceania pacific atlantic england scotland wales britain beijing washington
    brussels tokyo seoul
    taipei london paris berlin moscow delhi mainland korea arctic states kingdom emirates union republic"""
)
# Cities that stand for a company or a government that the text names otherwise, beside those that name a time zone.
_SEATS = words(
    """redmond cupertino mountain view menlo park palo alto santa clara armonk seattle san francisco jose diego austin dallas
    houston boston york silicon valley bay area hsinchu taichung kaohsiung tainan shenzhen guangzhou zhengzhou chengdu wuhan suwon
    hwaseong pyeongtaek kyoto nagoya osaka kumamoto bangalore bengaluru mumbai hyderabad chennai munich dresden
    frankfurt eindhoven veldhoven milan zurich basel geneva strait kremlin beltway washington california texas arizona ohio
    oregon florida virginia
    nevada illinois michigan massachusetts delaware pennsylvania jersey carolina georgia tennessee colorado utah
    ontario quebec bavaria saxony subcontinent gulf eurozone"""
)
_COMMON = words(
    """ai ar vr ml it ip ceo cfo coo cto cio cmo evp svp vp eps ev evs ipo ipos gpu gpus cpu cpus pc pcs tv tvs us uk eu
    un uae usa u.s
    u.k gdp cpi r&d m&a etf etfs esg hq fy ebit ebitda roi roe roic cagr yoy qoq ttm ytd adr adrs ads adss ceos nft nfts
    iot saas api
    apis dram nand hbm llm llms est et edt pst pdt pt gmt utc cet bst am pm ok faq id dna
    sec ftc doj fda fcc faa epa irs cma ecb fed imf wto nato opec cftc finra fdic oecd nyse nasdaq lse amex dow ftse dax nikkei
    10-k 10-q 8-k 20-f 13f
    capex opex i i'm wall street internet covid
    covid-19 christmas gaap non-gaap reit reits spac spacs asic asics usd eur gbp jpy twd ntd cny rmb hkd krw inr chf cad
    aud sgd fcf pe p/e moas mou loi ltd inc corp plc co llc ag sa nv se"""
)
_ROLES = words(
    """mr mrs ms dr sir president chief executive officer chairman chairwoman chair vice director minister prime
    secretary treasurer
    board committee company group state federal supreme court government congress senate parliament ministry department commission
    agency regulator justice general attorney general's exhibit item form section act annual meeting report"""
)
_DATES = words(
    """january february march april may june july august september october november december jan feb mar apr jun jul aug
    sep sept oct
    nov dec monday tuesday wednesday thursday friday saturday sunday"""
)
_WORD = re.compile(r"(?<![\w@&])[^\W\d_](?:[\w&.'+/-]*\w)?")
_BEGINS = re.compile(r"(?:\A|[.!?:;\n•](?:[\"')\]]*)\s+|\n)[\"'(\[]*\Z")
_CAPITALS = re.compile(r"[A-Z][A-Z&]{1,5}s?")
_LINKS = words("of and for the de & du der van von la le")
_AFTER_A_COMPANY = words(
    """is was has had will would may could did does can said says shares stock and also plans expects reports sees wants
    makes sells
    announced bought sold agreed rose fell gained lost raised cut beat missed"""
)
# Ordinary words that are well-known companies; those of the second list begin sentences as words too.
_COMPANIES = words(
    """alphabet amazon apple arm caterpillar corning dell emerson ford fox intel meta micron oracle salesforce shell
    slack southwest
    tesla twitter uber visa xerox sony nestle chevron honeywell kroger medtronic nucor starbucks wayfair zillow hershey lucid"""
)
_WORDS_FOR_COMPANIES = words(
    """block booking carnival chase coach constellation delta discover dominion dow gap general lam marathon match monster orange
    paramount progressive republic sage snap sprint square stellar target total travelers unity universal virgin zoom"""
)
_FIRST_NAMES = {name.lower() for name in FIRST_NAMES} | words(
    "elon jensen satya sundar masayoshi mukesh gautam lip-bu jamie morris jack"
)
_ABSTRACT = re.compile(r"\w{3}(?:[ts]ion|ment|ness|ance|ence|ity|ship|ism|ure|ies)s?$")
_TITLE_SHARE = 0.55
_LINKED = 2
_MONEY = frozenset("$€£¥₹")
_ROOT = 5
_SPELLED = 6
_FORMS = frozenset({"", *["s", "es", "an", "ian", "ish", "ese", "ic", "al", "ing", "ed", "er", "ers", "ion", "ions", "ies"]})
_LONG = 4


class Claimed(NamedTuple):
    """A name at prose[start:end] that nothing bears out."""

    start: int
    end: int


class Known(NamedTuple):
    """What may be named: words in small letters, the same run together, the first letters of names, and words
    with their capitals."""

    words: frozenset[str]
    run_together: str
    initials: frozenset[str]
    as_written: frozenset[str]


@cache
def _bundled() -> dict[str, frozenset[str]]:
    """All names of a company by each of them, of those whose press names are known."""
    groups: dict[object, set[str]] = {}
    for mic, ticker, name in press_table():
        groups.setdefault((mic, ticker), set()).add(name.text)
    for row in rows("aliases"):
        groups.setdefault(row["issuer"], set()).add(row["text"])
    found: dict[str, frozenset[str]] = {}
    for names in groups.values():
        for each in names:
            found[each.casefold()] = found.get(each.casefold(), frozenset()) | names
    return found


def all_names(name: str) -> frozenset[str]:
    """What else a company of this name is called, as far as tables and rules tell."""
    spelled = {name, *press_names(name)}
    return frozenset(spelled.union(*(_bundled().get(each.casefold(), ()) for each in spelled)))


def known_names(texts: Sequence[str], candidates: Iterable[str]) -> Known:
    """What stands in the texts, and every name of the candidates."""
    return _known(tuple(texts), tuple(sorted(set(candidates))))


@lru_cache(maxsize=64)  # each section of a reply asks
def _known(texts: tuple[str, ...], candidates: tuple[str, ...]) -> Known:
    named = {each for name in candidates for each in all_names(name)}
    whole = " \n ".join(fold(text).text for text in (*texts, *sorted(named)))
    tokens = [_bare(token) for token in re.findall(r"[^\W_][\w&.'+/-]*", whole)]
    lowered = {token.casefold() for token in tokens}
    parts = {part for token in lowered for marks in (r"[-/.&']", "/", "-") for part in re.split(marks, token) if part}
    parts |= {_bare(part) for part in parts}
    runs = re.findall(r"(?:[^\W\d_][\w'-]*[ -]+(?:(?:of|and|for|the|&) )?){1,7}[^\W\d_][\w'-]*", whole)
    return Known(
        frozenset(lowered | parts), re.sub(r"[\W_]", "", whole.casefold()), frozenset(_initials(runs)), frozenset(tokens)
    )


def _initials(runs: Iterable[str]) -> Iterable[str]:
    """First letters of words that follow each other with capitals: tsmc, sec."""
    for run in runs:
        letters = [word[0] for word in re.split(r"[\s-]+", run) if word and word.casefold() not in _LINKS]
        for at in range(len(letters)):
            for length in range(2, 7):
                some = letters[at : at + length]
                if (len(some) == length and all(letter.isupper() for letter in some)) or (len(some) == length and length > 2):
                    yield "".join(some).casefold()


def claimed_names(prose: str, known: Known) -> list[Claimed]:
    """The names in the prose that none of the texts and candidates has, each with the capitalised words around it."""
    folded = fold(prose, keep_lines=True)
    text = folded.text
    tokens = [
        found for found in _WORD.finditer(text) if found[0][0].isupper() and text[found.end() : found.end() + 1] not in _MONEY
    ]
    strange = [token for token in tokens if _is_strange(text, token, known)]
    spans: list[tuple[int, int]] = []
    for run in _runs(text, tokens):
        alien = [token for token in run if token in strange and not _is_first_name(token, run, known)]
        if not alien or _is_spelled_out(run, known):
            continue
        spans.append((alien[0].start(), alien[-1].start() + len(_bare(alien[-1][0]))))
    return [Claimed(*folded.original(*span)) for span in spans]


def _runs(text: str, tokens: Sequence[re.Match[str]]) -> Iterable[list[re.Match[str]]]:
    """Capitalised words that follow each other: Bank of America, Hon Hai."""
    run: list[re.Match[str]] = []
    for token in tokens:
        between = text[run[-1].end() : token.start()] if run else ""
        if run and (between.strip(" ") not in _LINKS | {""}):
            yield run
            run = []
        run.append(token)
    if run:
        yield run


def _is_strange(text: str, token: re.Match[str], known: Known) -> bool:
    word = _bare(token[0])
    if any(character.isdigit() for character in word):
        return False  # research.numbers has those
    begins = bool(_BEGINS.search(text[max(0, token.start() - 5) : token.start()]))
    parts = [part for part in re.split(r"[-/]", word) if part]
    if _is_known(word, known):
        # A word of the texts, and the name of a company that is not in them: Target, where they speak of a target.
        is_other = is_ordinary(word) and word not in known.as_written and word.casefold() not in _exempt()
        return is_other and _names_a_company(word, text, token, begins=begins)
    strange = [part for part in parts if part[0].isupper() and not _is_known(part, known)]
    if not strange:
        return False
    if (begins or _is_titled(text, token)) and all(_is_word(part) for part in strange):
        return begins and _names_a_company(word, text, token, begins=True)
    return True


def _is_known(word: str, known: Known) -> bool:
    lowered = word.casefold()
    if lowered in known.words or lowered in _exempt():
        return True
    if lowered.endswith("s") and (lowered[:-1] in known.words or lowered[:-1] in _exempt()):
        return True
    if _CAPITALS.fullmatch(word) and lowered.rstrip("s") in known.initials:
        return True
    squeezed = re.sub(r"[\W_]", "", lowered)
    if len(squeezed) > 5 and squeezed in known.run_together:
        return True
    return len(lowered) > 4 and any(_is_form_of(lowered, other) for other in known.words if other[:4] == lowered[:4])


def _is_form_of(one: str, other: str) -> bool:
    """Democrats and Democratic, Taiwan and Taiwanese."""
    shared = 0
    while shared < min(len(one), len(other)) and one[shared] == other[shared]:
        shared += 1
    endings = {one[shared:], other[shared:]}
    is_misspelt = shared >= _SPELLED and endings in ({"", one[-1:]}, {"", other[-1:]})
    return is_misspelt or (shared >= _ROOT and endings <= _FORMS)


@cache
def _exempt() -> frozenset[str]:
    places = {
        part.casefold() for name in Locale("en").territories.values() for part in re.findall(r"[^\W\d_]+", name) if len(part) > 2
    }
    zones = (str(zone).rpartition("/")[2].split("_") for zone in Locale("ru").time_zones)
    cities = {part.casefold() for zone in zones for part in zone if len(part) > 2}
    return frozenset(places | cities | _SEATS | _PEOPLES | _COMMON | _ROLES | _DATES)


def _names_a_company(word: str, text: str, token: re.Match[str], *, begins: bool) -> bool:
    """Apple or Target: an ordinary word, told as the name of a company."""
    lowered = word.casefold()
    if lowered in _COMPANIES or lowered not in _WORDS_FOR_COMPANIES | _bundled().keys():
        return lowered in _COMPANIES
    after = text[token.start() + len(word) :]
    following = re.match(r"\s+([\w']+)", after)
    is_told = bool(following and (following[1] in _AFTER_A_COMPANY or following[1].endswith("ed")))
    return not begins or after.startswith("'s") or is_told


def _is_word(word: str) -> bool:
    """An ordinary word, or a form of one: Vesting."""
    lowered = word.lower()
    if _ABSTRACT.search(lowered):
        return True
    bases = (lowered.removesuffix(ending) for ending in ("ing", "ed", "s", "es", "ly", "er", "ers") if lowered.endswith(ending))
    return is_ordinary(lowered) or any(len(base) > 2 and (is_ordinary(base) or is_ordinary(f"{base}e")) for base in bases)


def _is_titled(text: str, token: re.Match[str]) -> bool:
    """Whether its line is written like a title."""
    line = text[text.rfind("\n", 0, token.start()) + 1 : (text.find("\n", token.end()) + 1 or len(text) + 1) - 1]
    longer = [word for word in re.findall(r"[A-Za-z]+", line) if len(word) >= _LONG]
    return len(longer) > _LONG and sum(word[0].isupper() for word in longer) >= _TITLE_SHARE * len(longer)


def _is_first_name(token: re.Match[str], run: Sequence[re.Match[str]], known: Known) -> bool:
    """Elon, where the texts have Musk."""
    after = run[run.index(token) + 1 :][:1]
    return bool(after) and token[0].lower() in _FIRST_NAMES and _bare(after[0][0]) in known.as_written


def _is_spelled_out(run: Sequence[re.Match[str]], known: Known) -> bool:
    """Securities and Exchange Commission, where the texts have the SEC."""
    alien = [at for at, token in enumerate(run) if not _is_known(_bare(token[0]), known)]
    letters = "".join(token[0][0] for token in run[alien[0] :]) if alien else ""
    return len(letters) > _LINKED and letters in known.as_written


def _bare(word: str) -> str:
    """Without what is no part of the name: 's, a full stop at its end."""
    word = word.rstrip(".'-/&+")
    for ending in ("'s", "s'"):
        if word.endswith(ending):
            return word[: -len(ending)] + ("s" if ending == "s'" else "")
    return word
