from django.db import migrations

from accounts.scope import row_security


class Migration(migrations.Migration):
    dependencies = [("alerts", "0001_initial")]

    operations = [
        row_security("alerts_alertrule"),
        row_security("alerts_rulerecipient"),
        row_security("alerts_candidate"),
        row_security("alerts_alert"),
        row_security("alerts_alertreceipt"),
        row_security("alerts_decision"),
        row_security("alerts_delivery"),
        row_security("alerts_streamevent"),
    ]
