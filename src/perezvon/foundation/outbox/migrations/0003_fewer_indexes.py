from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("outbox", "0002_busy_tables"),
    ]
    operations = [
        migrations.RemoveIndex(
            model_name="outboxrow",
            name="outbox_outb_at_40e2f8_idx",
        ),
        migrations.RemoveConstraint(
            model_name="outboxrow",
            name="outbox_number",
        ),
        migrations.AddConstraint(
            model_name="outboxrow",
            constraint=models.UniqueConstraint(
                condition=models.Q(("number__isnull", False)), fields=("number",), name="outbox_number"
            ),
        ),
    ]
