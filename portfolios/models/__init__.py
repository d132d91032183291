from portfolios.models.book import CashBalance, Holding, Portfolio
from portfolios.models.master import Alias, Issuer, Listing, Security
from portfolios.models.prices import FxRate, Price
from portfolios.models.uploads import Upload

__all__ = ["Alias", "CashBalance", "FxRate", "Holding", "Issuer", "Listing", "Portfolio", "Price", "Security", "Upload"]
