"""What kind of event a story tells of: our own groups and types, by which full and quick readings name it alike.

A type is written `group.type` (`guidance.raised`). The words of a type are its own words (`profit_warning` is "profit warning"),
so that there is one spelling in prompts, rows and pages. Items of the SEC's Form 8-K are types of ours.
"""

import re
from collections.abc import Mapping
from typing import Any

OTHER = "other.other"

# Group → its types.
TYPES: dict[str, str] = {
    "earnings": "results beat miss preliminary monthly_sales impairment restatement delayed",
    "guidance": "issued raised lowered reaffirmed withdrawn profit_warning",
    "analyst_rating": "upgrade downgrade coverage_started target_raised target_lowered reiterated",
    "credit": "rating_upgrade rating_downgrade outlook_changed default acceleration covenant_breach refinancing obligation",
    "capital": "share_issue rights_issue private_placement listing debt_issue convertible_issue split delisting asset_backed",
    "distribution": "dividend_declared dividend_raised dividend_cut special_dividend buyback_announced buyback_executed",
    "deal": "talks offer rejected agreed completed terminated merger divestiture spin_off stake_bought stake_sold new_control",
    "contract": "won lost order agreement renewed terminated licensing",
    "partnership": "formed joint_venture joint_development memorandum ended",
    "product": "launch update delayed discontinued recall defect price_change demand",
    "operations": (
        "expansion plant_opened plant_closed production_halted production_resumed shortage supply_disrupted output restructuring"
    ),
    "investment": "capital_expenditure stake_in_startup research",
    "science": "trial_success trial_failure clinical_hold drug_approved drug_rejected result patent_granted",
    "legal": "lawsuit_filed ruling settlement appeal injunction fine class_action",
    "regulation": "investigation investigation_closed antitrust_review approved refused new_rule licence_revoked",
    "trade": "export_control sanction tariff subsidy import_ban licence_granted",
    "management": "appointed departed executives_changed board_changed compensation illness_or_death",
    "governance": (
        "activist_stake shareholder_proposal vote director_nominated auditor_changed insider_bought insider_sold fraud_alleged "
        "holders_rights articles_changed ethics_code plan_blackout shell_status"
    ),
    "workforce": "layoffs hiring strike labour_agreement work_safety",
    "security": "cyber_attack data_breach outage",
    "disaster": "accident natural_disaster fire epidemic conflict",
    "insolvency": "bankruptcy administration liquidation plan emergence",
    "sustainability": "target environmental_incident controversy",
    "economy": "interest_rate inflation growth employment currency commodity_price policy",
    "market": "price_move wrap index_change trading_halt short_report options_activity ownership_disclosed fund_flow",
    "calendar": "results_date conference annual_meeting disclosure exhibits",
    "commentary": "opinion preview round_up interview advice",
    "other": "other",
}
EVENT_TYPES: tuple[str, ...] = tuple(f"{group}.{name}" for group, names in TYPES.items() for name in names.split())

# Form 8-K, as its instructions number and name the items (2024); 9.01 and 7.01 go with whatever else a filing tells.
ITEMS_8K: dict[str, str] = {
    "1.01": "contract.agreement",
    "1.02": "contract.terminated",
    "1.03": "insolvency.bankruptcy",
    "1.04": "workforce.work_safety",
    "1.05": "security.cyber_attack",
    "2.01": "deal.completed",
    "2.02": "earnings.results",
    "2.03": "credit.obligation",
    "2.04": "credit.acceleration",
    "2.05": "operations.restructuring",
    "2.06": "earnings.impairment",
    "3.01": "capital.delisting",
    "3.02": "capital.private_placement",
    "3.03": "governance.holders_rights",
    "4.01": "governance.auditor_changed",
    "4.02": "earnings.restatement",
    "5.01": "deal.new_control",
    "5.02": "management.executives_changed",
    "5.03": "governance.articles_changed",
    "5.04": "governance.plan_blackout",
    "5.05": "governance.ethics_code",
    "5.06": "governance.shell_status",
    "5.07": "governance.vote",
    "5.08": "governance.director_nominated",
    "6.01": "capital.asset_backed",
    "6.02": "capital.asset_backed",
    "6.03": "capital.asset_backed",
    "6.04": "capital.asset_backed",
    "6.05": "capital.asset_backed",
    "6.06": "capital.asset_backed",
    "7.01": "calendar.disclosure",
    "8.01": OTHER,
    "9.01": "calendar.exhibits",
}
# The gravest first: a filing that reports an insolvency and its exhibits is about the insolvency.
_BY_WEIGHT = [
    "1.03", "4.02", "1.05", "3.01", "2.04", "2.06", "5.01", "2.02", "2.01", "2.05", "1.04", "4.01", "1.01", "1.02", "2.03",
    "3.02", "5.02", "3.03", "5.08", "5.07", "5.03", "5.04", "5.05", "5.06", "6.01", "6.02", "6.03", "6.04", "6.05", "6.06",
    "8.01", "7.01", "9.01",
]  # fmt: skip
_FORM_8K = re.compile(r"(?:Form )?8-K(?:/A)?(?:: | - )")
_ITEM = re.compile(r"\bItem ([1-9]\.\d\d)\b", re.IGNORECASE)

ROLES = (
    "subject", "acquirer", "target", "seller", "supplier", "customer", "partner", "competitor", "owner", "subsidiary", "investor",
    "investee", "claimant", "defendant", "issuer", "rated", "peer", "other",
)  # fmt: skip


def group_of(event_type: str) -> str:
    """The group of `group.type`."""
    return event_type.partition(".")[0]


def words_of(event_type: str) -> str:
    """As people read it: "Guidance: profit warning", and the group alone for other.other."""
    group, _, name = event_type.partition(".")
    said = group.replace("_", " ").capitalize()
    return said if name in {"", "other"} else f"{said}: {name.replace('_', ' ')}"


def tags(event: Mapping[str, Any] | None) -> list[str]:
    """What a page says of an analysis's event: its type and direction, and what keeps it from being a fact; empty for none."""
    if not event or not event.get("type"):
        return []
    what = ", ".join(filter(None, (words_of(event["type"]), event.get("direction"))))
    level = event.get("fact_level")
    doubts = [level.capitalize()] if level in {"forecast", "opinion"} else []
    return [what, *doubts, *(["Scheduled"] if event.get("scheduled") else [])]


def items_of_filing(title: str, text: str) -> list[str]:
    """The types of event that a current report (Form 8-K) of the SEC's feed names as its items, gravest first; else none."""
    if not _FORM_8K.match(title):
        return []
    named = {number for number in _ITEM.findall(text) if number in ITEMS_8K}
    return list(dict.fromkeys(ITEMS_8K[number] for number in _BY_WEIGHT if number in named))
