from django.db import migrations

from accounts.scope import row_security


class Migration(migrations.Migration):
    dependencies = [("research", "0001_initial")]

    operations = [
        row_security("research_source", public=True),
        row_security("research_article", public=True),
        row_security("research_articlerevision", public=True),
        row_security("research_story", public=True),
        row_security("research_mention", public=True),
        row_security("research_analysis", public=True),
        row_security("research_announcement", public=True),
        row_security("research_reading", public=True),
        row_security("research_evidence", public=True),
    ]
