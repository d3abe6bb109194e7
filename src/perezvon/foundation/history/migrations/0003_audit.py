from django.db import migrations

# At statement level and on the whole table only: months that are dropped or filled name their own piece of it.
KEEP = """
CREATE INDEX history_change_by_hand ON history_change (id DESC) WHERE command IS NULL;
CREATE TRIGGER audit_stays BEFORE UPDATE OR DELETE ON history_change
  FOR EACH STATEMENT EXECUTE FUNCTION perezvon_audit_stays();
"""
LET_GO = """
DROP TRIGGER audit_stays ON history_change;
DROP INDEX history_change_by_hand;
"""


class Migration(migrations.Migration):
    dependencies = [
        ("history", "0002_by_month"),
        ("commands", "0002_audit"),
    ]
    operations = [migrations.RunSQL(KEEP, LET_GO)]
