from django.db import migrations, models

# What was written down stays as it is; the result alone comes a moment later, once. Erasing a person's data is the one
# exception, and says so: SET LOCAL perezvon.erasing = 'on'.
KEEP = """
CREATE OR REPLACE FUNCTION perezvon_audit_stays() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF coalesce(current_setting('perezvon.erasing', true), '') <> 'on' THEN
    RAISE EXCEPTION 'the audit stays as it was written' USING ERRCODE = 'insufficient_privilege';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER audit_stays_on_delete BEFORE DELETE ON commands_commandrecord
  FOR EACH STATEMENT EXECUTE FUNCTION perezvon_audit_stays();
CREATE TRIGGER audit_stays_on_update BEFORE UPDATE ON commands_commandrecord FOR EACH ROW
  WHEN (OLD.result IS NOT NULL OR (OLD.id, OLD.name, OLD.actor, OLD.at, OLD.why, OLD.facts, OLD.parent_id)
    IS DISTINCT FROM (NEW.id, NEW.name, NEW.actor, NEW.at, NEW.why, NEW.facts, NEW.parent_id))
  EXECUTE FUNCTION perezvon_audit_stays();
"""
LET_GO = """
DROP TRIGGER audit_stays_on_update ON commands_commandrecord;
DROP TRIGGER audit_stays_on_delete ON commands_commandrecord;
DROP FUNCTION perezvon_audit_stays() CASCADE;
"""


class Migration(migrations.Migration):
    dependencies = [
        ("commands", "0001_initial"),
    ]
    operations = [
        migrations.AddIndex(
            model_name="commandrecord",
            index=models.Index(fields=["-at", "-id"], name="commands_newest"),
        ),
        migrations.AddIndex(
            model_name="commandrecord",
            index=models.Index(fields=["name", "-at"], name="commands_by_name"),
        ),
        migrations.RunSQL(KEEP, LET_GO),
    ]
