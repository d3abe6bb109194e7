from __future__ import annotations

from hashlib import sha256
from typing import Any

from django.db import migrations, models


def _hash(apps: Any, _editor: object) -> None:
    for feed in apps.get_model("tasks", "Feed").objects.all():
        feed.key_hash = sha256(feed.key_hash.encode()).hexdigest()
        feed.save(update_fields=["key_hash"])


class Migration(migrations.Migration):
    """Secrets of calendar programs are kept as hashes; addresses that are in use stay good. There is no way back:
    a hash does not give its secret away, and an older program asks with what it has and finds nothing."""

    dependencies = [("tasks", "0001_initial")]

    operations = [
        migrations.RenameField("feed", "key", "key_hash"),
        migrations.AlterField("feed", "key_hash", models.CharField(max_length=64, unique=True)),
        migrations.RunPython(_hash, migrations.RunPython.noop),
    ]
