from django.conf import settings
from django.db import migrations, models


def configured():
    """Return the site's configured client for existing tokens, which did not record theirs."""
    return settings.CLI_CLIENT_ID


class Migration(migrations.Migration):

    dependencies = [
        ('identity', '0002_offline_token'),
    ]

    operations = [
        migrations.AddField(
            model_name='offlinetoken',
            name='client_id',
            field=models.CharField(default=configured, help_text="The command line's client when it was made.", max_length=255),
            preserve_default=False,
        ),
    ]
