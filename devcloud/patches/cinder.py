"""Run Cinder's scheduler and several volume services in one process."""

from __future__ import annotations

import logging

from cinder import context, exception, objects, service
from oslo_db import exception as db_exception

LOG = logging.getLogger(__name__)


def apply() -> None:
    service.Service.report_state = report_state


def report_state(self) -> None:
    """Report the service that this object stands for.

    `Service.service_id` is a class attribute: several services in one process would all report as the one that
    started last, and the others would look dead after a minute.
    """
    if not self.manager.is_working():
        return
    try:
        row = objects.Service.get_by_id(context.get_admin_context(), self.origin_service_id)
        row.report_count += 1
        row.save(retry=False)
    except (db_exception.DBError, exception.ServiceNotFound):
        # An exception would end the timer for good; the next report follows in 10 s.
        LOG.exception("state of %s could not be reported", self.binary)
