from portfolios.models.book import CashBalance, Holding, Portfolio
from portfolios.models.changes import MasterChange
from portfolios.models.master import Alias, Issuer, Listing, Market, MasterConflict, MasterVersion, Relation, Security
from portfolios.models.prices import FxRate, Price
from portfolios.models.uploads import Upload

__all__ = [
    "Alias",
    "CashBalance",
    "FxRate",
    "Holding",
    "Issuer",
    "Listing",
    "Market",
    "MasterChange",
    "MasterConflict",
    "MasterVersion",
    "Portfolio",
    "Price",
    "Relation",
    "Security",
    "Upload",
]
