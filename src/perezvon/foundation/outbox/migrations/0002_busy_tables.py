"""Tables whose rows live for seconds are swept early: dead rows in them cost more than the sweeping (PERF.md §6)."""

from django.db import migrations

TABLES = ("procrastinate_jobs", "procrastinate_events", "outbox_outboxrow")
SWEPT_EARLY = "autovacuum_vacuum_scale_factor = 0.02, autovacuum_vacuum_threshold = 500, autovacuum_vacuum_cost_delay = 0"
USUAL = "autovacuum_vacuum_scale_factor, autovacuum_vacuum_threshold, autovacuum_vacuum_cost_delay"


class Migration(migrations.Migration):
    dependencies = [
        ("outbox", "0001_initial"),
        ("procrastinate", "0041_post_retry_failed_job"),
    ]
    operations = [
        migrations.RunSQL(
            [f"ALTER TABLE {table} SET ({SWEPT_EARLY})" for table in TABLES],
            [f"ALTER TABLE {table} RESET ({USUAL})" for table in TABLES],
        )
    ]
