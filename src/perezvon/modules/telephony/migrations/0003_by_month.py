from django.db import migrations, models

from perezvon.foundation.partitions.schema import cut_by_month, made_whole

EVENT, COMMAND = "telephony_callevent", "telephony_callcommand"
EVENT_INDEXES = [
    f"telephony_c_call_cdf429_idx ON {EVENT} (call, id)",
    f"telephony_c_at_87d64b_idx ON {EVENT} (at)",
]
COMMAND_INDEXES = [
    f"unsent_commands ON {COMMAND} (at) WHERE outcome = ''",
    f"telephony_c_call_ef6a2b_idx ON {COMMAND} (call, at)",
]
UNIQUE_EVENT = f"ALTER TABLE {EVENT} ADD CONSTRAINT {EVENT}_event_key UNIQUE (event)"


class Migration(migrations.Migration):
    dependencies = [
        ("telephony", "0002_lease"),
    ]
    operations = [
        migrations.RunSQL(
            [
                *cut_by_month(EVENT, EVENT_INDEXES, has_sequence=True),
                *cut_by_month(COMMAND, COMMAND_INDEXES, has_sequence=False),
            ],
            [
                *made_whole(EVENT, EVENT_INDEXES, has_sequence=True),
                UNIQUE_EVENT,
                *made_whole(COMMAND, COMMAND_INDEXES, has_sequence=False),
            ],
            # Unique among the events of one moment would say nothing: who leads knows the last ten minutes' events.
            state_operations=[
                migrations.AlterField(
                    model_name="callevent",
                    name="event",
                    field=models.UUIDField(null=True),
                )
            ],
        )
    ]
