import django.db.models.deletion
import django.db.models.functions.datetime
from django.conf import settings
from django.db import migrations, models

TABLES = ("issuer", "alias", "security", "listing", "relation")

NOTE = """
CREATE FUNCTION portfolios_note_change() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    person bigint := NULLIF(current_setting('app.changed_by', true), '')::bigint;
    was jsonb := CASE WHEN TG_OP = 'INSERT' THEN NULL ELSE to_jsonb(OLD) END;
    now_is jsonb := CASE WHEN TG_OP = 'DELETE' THEN NULL ELSE to_jsonb(NEW) END;
    here jsonb := COALESCE(now_is, was);
BEGIN
    IF person IS NULL OR was = now_is THEN RETURN NULL; END IF;
    INSERT INTO portfolios_masterchange (by_id, why, issuer_id, "table", "row", before, after)
    VALUES (
        person,
        left(COALESCE(current_setting('app.changed_why', true), ''), 300),
        CASE TG_TABLE_NAME
            WHEN 'portfolios_issuer' THEN (here->>'id')::bigint
            WHEN 'portfolios_listing' THEN (SELECT issuer_id FROM portfolios_security WHERE id = (here->>'security_id')::bigint)
            ELSE (here->>'issuer_id')::bigint
        END,
        TG_TABLE_NAME, (here->>'id')::bigint, was, now_is
    );
    RETURN NULL;
END $$;
CREATE FUNCTION portfolios_refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'What was changed in the master stays told: % is append-only.', TG_TABLE_NAME;
END $$;
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON portfolios_masterchange
    FOR EACH ROW EXECUTE FUNCTION portfolios_refuse_change();
""" + "".join(
    f"CREATE TRIGGER note_change AFTER INSERT OR UPDATE OR DELETE ON portfolios_{table} "
    # Loads of registers say no person, and have many rows.
    "FOR EACH ROW WHEN (NULLIF(current_setting('app.changed_by', true), '') IS NOT NULL) "
    "EXECUTE FUNCTION portfolios_note_change();"
    for table in TABLES
)
FORGET = (
    "".join(f"DROP TRIGGER note_change ON portfolios_{table};" for table in TABLES)
    + """
DROP TRIGGER append_only ON portfolios_masterchange;
DROP FUNCTION portfolios_note_change();
DROP FUNCTION portfolios_refuse_change();
"""
)


class Migration(migrations.Migration):
    dependencies = [
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
        ("portfolios", "0007_relations"),
    ]

    operations = [
        migrations.CreateModel(
            name="MasterChange",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ("why", models.CharField(blank=True, max_length=300)),
                ("table", models.CharField(max_length=40)),
                ("row", models.BigIntegerField()),
                ("before", models.JSONField(null=True)),
                ("after", models.JSONField(null=True)),
                (
                    "by",
                    models.ForeignKey(
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "issuer",
                    models.ForeignKey(
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="changes",
                        to="portfolios.issuer",
                    ),
                ),
            ],
            options={"ordering": ["-pk"]},
        ),
        migrations.AddField(
            model_name="masterconflict",
            name="settled_by",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(
            model_name="issuer",
            name="joined_into",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="joined",
                to="portfolios.issuer",
                help_text="The company that this turned out to be.",
            ),
        ),
        migrations.RunSQL(NOTE, FORGET),
    ]
