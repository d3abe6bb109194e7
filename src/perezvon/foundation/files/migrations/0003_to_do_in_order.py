from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('files', '0002_contents'),
    ]

    operations = [
        migrations.RemoveIndex(model_name='filecontent', name='file_to_do'),
        migrations.AddIndex(
            model_name='filecontent',
            index=models.Index(models.OrderBy(models.F('tried_at'), nulls_first=True), models.F('sha256'), condition=models.Q(('reading', 'waiting'), ('scan__in', ['never', 'waiting']), _connector='OR'), name='file_to_do'),
        ),
        migrations.AlterField(
            model_name='filecontent',
            name='scan',
            field=models.CharField(choices=[('never', 'Never'), ('waiting', 'Waiting'), ('clean', 'Clean'), ('infected', 'Infected'), ('large', 'Too Large')], default='never', max_length=8),
        ),
    ]
