from django.db import migrations

# A statement that changes no name and no listing still makes a version: rare, and cheaper than to look.
UP = """
CREATE FUNCTION portfolios_new_master_version() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO portfolios_masterversion (id, version) VALUES (1, gen_random_uuid())
    ON CONFLICT (id) DO UPDATE SET version = excluded.version;
    RETURN NULL;
END $$;
CREATE TRIGGER new_master_version AFTER INSERT OR UPDATE OR DELETE ON portfolios_alias
    FOR EACH STATEMENT EXECUTE FUNCTION portfolios_new_master_version();
CREATE TRIGGER new_master_version AFTER INSERT OR UPDATE OR DELETE ON portfolios_listing
    FOR EACH STATEMENT EXECUTE FUNCTION portfolios_new_master_version();
"""
DOWN = """
DROP TRIGGER new_master_version ON portfolios_alias;
DROP TRIGGER new_master_version ON portfolios_listing;
DROP FUNCTION portfolios_new_master_version();
"""


class Migration(migrations.Migration):
    dependencies = [("portfolios", "0005_registers")]

    operations = [migrations.RunSQL(UP, DOWN)]
