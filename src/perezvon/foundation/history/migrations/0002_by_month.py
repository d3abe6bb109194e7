from django.db import migrations

from perezvon.foundation.partitions.schema import cut_by_month, made_whole

TABLE = "history_change"
INDEXES = [
    f'history_cha_table_9d90a5_idx ON {TABLE} ("table", "row", id DESC)',
    f"history_cha_command_489d92_idx ON {TABLE} (command)",
]


class Migration(migrations.Migration):
    dependencies = [
        ("history", "0001_initial"),
    ]
    operations = [
        migrations.RunSQL(
            cut_by_month(TABLE, INDEXES, has_sequence=True),
            made_whole(TABLE, INDEXES, has_sequence=True),
        )
    ]
