from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ("portfolios", "0003_upload"),
    ]

    operations = [
        migrations.AddField(
            model_name="upload",
            name="outcome",
            field=models.TextField(blank=True, default="", help_text="What applying it did, in words."),
            preserve_default=False,
        ),
        migrations.AlterField(
            model_name="upload",
            name="columns",
            field=models.JSONField(blank=True, default=dict, help_text="What a person said each column is, by its place from 0."),
        ),
    ]
