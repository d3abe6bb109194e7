import django.db.models.deletion
import django.db.models.functions.text
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ('people', '0001_initial'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='Customer',
            fields=[
                ('id', models.UUIDField(primary_key=True, serialize=False)),
                ('number', models.BigIntegerField(unique=True)),
                ('kind', models.CharField(choices=[('person', 'Person'), ('company', 'Company'), ('quasi', 'Unknown caller')], default='person', max_length=8)),
                ('status', models.CharField(choices=[('potential', 'Potential'), ('existing', 'Existing'), ('former', 'Former')], default='potential', max_length=10)),
                ('last_name', models.CharField(blank=True, max_length=100)),
                ('first_name', models.CharField(blank=True, max_length=100)),
                ('middle_name', models.CharField(blank=True, max_length=100)),
                ('no_middle_name', models.BooleanField(default=False)),
                ('company_name', models.CharField(blank=True, max_length=255)),
                ('sex', models.CharField(blank=True, choices=[('m', 'Male'), ('f', 'Female')], max_length=1)),
                ('birth_date', models.DateField(blank=True, null=True)),
                ('birth_country', models.CharField(blank=True, max_length=100)),
                ('birth_place', models.CharField(blank=True, max_length=200)),
                ('inn', models.CharField(blank=True, max_length=12)),
                ('snils', models.CharField(blank=True, max_length=11)),
                ('region', models.CharField(blank=True, max_length=100)),
                ('town', models.CharField(blank=True, max_length=100)),
                ('zone', models.CharField(blank=True, max_length=64)),
                ('segment', models.CharField(blank=True, max_length=64)),
                ('workplace', models.CharField(blank=True, max_length=200)),
                ('position', models.CharField(blank=True, max_length=200)),
                ('source', models.CharField(blank=True, max_length=100)),
                ('warnings', models.JSONField(blank=True, default=list)),
                ('code_word', models.CharField(blank=True, max_length=64)),
                ('language', models.CharField(default='ru', max_length=2)),
                ('custom', models.JSONField(blank=True, default=dict)),
                ('sort_key', models.CharField(blank=True, max_length=320)),
                ('version', models.PositiveIntegerField(default=1)),
                ('created_at', models.DateTimeField()),
                ('deleted_at', models.DateTimeField(blank=True, null=True)),
                ('created_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('project', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='people.project')),
            ],
        ),
        migrations.CreateModel(
            name='ContactPoint',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(choices=[('phone', 'Phone'), ('email', 'E-mail'), ('site', 'Site')], max_length=5)),
                ('use', models.CharField(choices=[('contact', 'Contact'), ('mobile', 'Mobile'), ('home', 'Home'), ('work', 'Work'), ('fax', 'Fax'), ('login', 'For sign-in')], default='contact', max_length=8)),
                ('digits', models.CharField(blank=True, max_length=20)),
                ('extension', models.CharField(blank=True, max_length=10)),
                ('raw', models.CharField(max_length=254)),
                ('is_main', models.BooleanField(default=False)),
                ('struck_reason', models.CharField(blank=True, choices=[('do_not_contact', 'Do not contact'), ('changed', 'Has changed'), ('unused', 'Not in use'), ('wrong', 'Wrong')], max_length=32)),
                ('customer', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='points', to='customers.customer')),
            ],
            options={
                'ordering': ['-is_main', 'id'],
            },
        ),
        migrations.CreateModel(
            name='Address',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('use', models.CharField(choices=[('registered', 'Registered'), ('actual', 'Actual'), ('postal', 'Postal')], default='registered', max_length=16)),
                ('postcode', models.CharField(blank=True, max_length=12)),
                ('text', models.CharField(max_length=400)),
                ('customer', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='addresses', to='customers.customer')),
            ],
            options={
                'ordering': ['id'],
            },
        ),
        migrations.CreateModel(
            name='Document',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(default='passport', max_length=16)),
                ('number', models.CharField(max_length=32)),
                ('issued_on', models.DateField(blank=True, null=True)),
                ('issuer', models.CharField(blank=True, max_length=255)),
                ('issuer_code', models.CharField(blank=True, max_length=7)),
                ('customer', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='documents', to='customers.customer')),
            ],
            options={
                'ordering': ['id'],
            },
        ),
        migrations.CreateModel(
            name='ProductHeld',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(choices=[('card', 'Card'), ('account', 'Account'), ('loan', 'Loan')], max_length=16)),
                ('name', models.CharField(max_length=200)),
                ('key_hash', models.CharField(db_index=True, max_length=64)),
                ('last4', models.CharField(blank=True, max_length=4)),
                ('balance', models.DecimalField(decimal_places=2, max_digits=14, null=True)),
                ('currency', models.CharField(default='RUB', max_length=3)),
                ('until', models.DateField(null=True)),
                ('customer', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='products', to='customers.customer')),
            ],
            options={
                'ordering': ['id'],
            },
        ),
        migrations.AddIndex(
            model_name='customer',
            index=models.Index(fields=['sort_key', 'id'], name='customers_c_sort_ke_7832dd_idx'),
        ),
        migrations.AddIndex(
            model_name='customer',
            index=models.Index(condition=models.Q(('inn', ''), _negated=True), fields=['inn'], name='customer_inn'),
        ),
        migrations.AddConstraint(
            model_name='customer',
            constraint=models.UniqueConstraint(condition=models.Q(('deleted_at', None), ('kind', 'quasi')), fields=('project',), name='customer_one_quasi'),
        ),
        migrations.AddIndex(
            model_name='contactpoint',
            index=models.Index(condition=models.Q(('digits', ''), _negated=True), fields=['digits'], name='point_digits'),
        ),
        migrations.AddIndex(
            model_name='contactpoint',
            index=models.Index(django.db.models.functions.text.Right('digits', 7), condition=models.Q(('digits', ''), _negated=True), name='point_last_seven'),
        ),
        migrations.AddIndex(
            model_name='contactpoint',
            index=models.Index(django.db.models.functions.text.Lower('raw'), condition=models.Q(('kind', 'email')), name='point_email'),
        ),
        migrations.AddConstraint(
            model_name='address',
            constraint=models.UniqueConstraint(fields=('customer', 'use'), name='address_one_of_a_use'),
        ),
        migrations.AddIndex(
            model_name='document',
            index=models.Index(fields=['number'], name='customers_d_number_17ac6f_idx'),
        ),
    ]
