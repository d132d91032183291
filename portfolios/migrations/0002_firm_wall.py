from django.db import migrations

from accounts.scope import row_security


class Migration(migrations.Migration):
    dependencies = [("portfolios", "0001_initial")]

    operations = [
        row_security("portfolios_portfolio"),
        row_security("portfolios_cashbalance"),
        row_security("portfolios_holding"),
    ]
