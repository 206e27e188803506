"""Lamps: typed rows, written by a refresh and read by the pages."""

from django.db import models

from projects.models import Resource


class Lamp(Resource):
    """A lamp of the toy."""

    status = models.CharField(max_length=10)
    watts = models.PositiveIntegerField(default=0)
