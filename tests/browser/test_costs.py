"""The pages of costs and models, full and empty, at every width and in both themes."""

from collections.abc import Callable, Iterator
from datetime import timedelta
from decimal import Decimal

import pytest

from accounts.models import Membership, User
from accounts.scope import every_firm
from research import approvals, budget, spending
from research.models import FirmBudget, ModelApproval, Spend
from tests.browser.looker import Looker
from tests.browser.test_pages import open_folds
from tests.browser.watched import Watched
from tests.cast import Cast
from tests.make import make_member, make_source, make_story, make_user
from tests.research.test_costs import make_call
from tests.stack import Stack

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
Visit = Callable[[str, User], Watched]


@pytest.fixture
def looker() -> Iterator[Looker]:
    looker = Looker()
    yield looker
    assert not looker.findings, "\n".join(looker.findings)


@pytest.fixture
def staff(cast: Cast) -> User:
    """Of a firm with a month of requests behind it, with limits near and reached, and a prompt that nobody has approved."""
    with every_firm():
        today = spending.today()
        sources = [
            make_source(name="Reuters Business"),
            make_source(name="A source with a name that is rather long for a column"),
        ]
        for number in range(today.day):
            for turn, source in enumerate(sources):
                fields = {"source": source, "story": make_story(), "day": today - timedelta(days=number)}
                cost = Decimal(number % 5 + turn) / 4
                make_call(**fields, cost=cost, tokens_in=9000 * (number % 4 + 1), is_estimated=number == 2)
        make_call(firm=cast.firm, model="our-own-model", cost=None)
        FirmBudget.objects.create(firm=cast.firm, daily_tokens=1000, monthly_cost=Decimal(20))
        Spend.objects.create(firm=cast.firm, day=today, tokens=1100)
        Spend.objects.create(firm=None, day=today, tokens=1_234_567, cost=Decimal("8.21"))
        Spend.objects.get_or_create(firm=cast.firm, day=budget.month_of(today), defaults={"cost": Decimal("16.80")})
        person = make_user(name="Sam Staff", is_staff=True, is_superuser=True)
        make_member(cast.firm, Membership.Role.ADMINISTRATOR, user=person)
        approvals.approve(person, "Compared on 200 stories of March: fewer quotes left out, at half the price.")
        ModelApproval.objects.create(model="gpt-4o", prompt_version="0" * 12, endpoint="api.openai.com", note="first start")
    return person


def test_pages_of_staff(web: Stack, cast: Cast, staff: User, visit: Visit, looker: Looker) -> None:
    viewer = visit(web.url, staff)
    for path in ("/costs/", "/models/", "/costs/?month=2026-01", "/today/"):
        viewer.open(path, 200)
        open_folds(viewer.page)
        looker.look(viewer.page, path)


def test_pages_of_an_administrator_whose_firm_spent_nothing(
    web: Stack, cast: Cast, staff: User, visit: Visit, looker: Looker
) -> None:
    charlie = visit(web.url, cast.charlie)
    for path in ("/costs/", "/models/"):
        looker.look_at(charlie, path)
