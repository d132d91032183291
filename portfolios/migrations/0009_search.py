import django.contrib.postgres.indexes
import django.contrib.postgres.search
import django.db.models.functions.text
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("portfolios", "0008_master_change")]

    operations = [
        migrations.AddIndex(
            model_name="alias",
            index=django.contrib.postgres.indexes.GinIndex(
                django.contrib.postgres.search.SearchVector("text", config="simple"), name="alias_words"
            ),
        ),
        migrations.AddIndex(
            model_name="alias",
            index=models.Index(
                django.contrib.postgres.indexes.OpClass(django.db.models.functions.text.Upper("text"), name="text_pattern_ops"),
                name="alias_beginning",
            ),
        ),
    ]
