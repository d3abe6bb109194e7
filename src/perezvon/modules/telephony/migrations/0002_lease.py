from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("telephony", "0001_initial"),
    ]
    operations = [
        migrations.AddField(
            model_name="enginelead",
            name="holder",
            field=models.CharField(blank=True, default="", max_length=100),
            preserve_default=False,
        ),
        migrations.AddField(
            model_name="enginelead",
            name="until",
            field=models.DateTimeField(null=True),
        ),
    ]
