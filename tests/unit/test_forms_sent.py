"""A form that is sent reads what speaks against it, not what it would be drawn with."""

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from projects.models import Operation
from services.block_storage.models import Snapshot, Volume, VolumeType
from services.compute.models import Server
from services.images.models import Image
from tests import factories


@pytest.mark.django_db(transaction=True)
def test_a_new_volume_is_asked_for_without_reading_the_choices() -> None:
    cast = factories.cast(history=False)
    client = Client()
    factories.log_in(client, cast.member)
    kind = VolumeType.objects.filter(tenant=cast.atlas).first()
    sent = {"name": "scratch", "start": "empty", "size_gb": "1", "volume_type": kind.name if kind else "", "key": "one"}
    with CaptureQueriesContext(connection) as asked:
        answer = client.post(f"/{cast.atlas.handle}/volumes/create/", sent)
    assert answer.status_code == 302
    assert Operation.objects.get().params["name"] == "scratch"
    choices = [model._meta.db_table for model in (Image, Snapshot, Volume, Server)]
    assert not [query["sql"] for query in asked for table in choices if f'FROM "{table}"' in query["sql"]]
