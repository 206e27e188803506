"""Make oslo.messaging's fake:// driver fast and quiet.

By default it polls for messages every 50 ms per listener: slow for a chain of calls, and never idle.
"""

from __future__ import annotations

import threading
import time

from oslo_messaging._drivers import base, impl_fake

# A listener that misses a stop request wakes up after this many seconds.
LONGEST_SLEEP = 5.0


def apply() -> None:
    arrived = threading.Condition()
    deliver = impl_fake.FakeExchange.deliver_message

    def deliver_message(self, *args, **kwargs):
        deliver(self, *args, **kwargs)
        with arrived:
            arrived.notify_all()

    @base.batch_poll_helper
    def poll(self, timeout=None):
        deadline = None if timeout is None else time.monotonic() + timeout
        while not self._stopped.is_set():
            with arrived:
                for target in self._targets:
                    exchange = self._exchange_manager.get_exchange(target.exchange)
                    context, message, reply_queue, requeue = exchange.poll(target, self._pool)
                    if message is not None:
                        return impl_fake.FakeIncomingMessage(context, message, reply_queue, requeue)
                pause = LONGEST_SLEEP if deadline is None else min(LONGEST_SLEEP, deadline - time.monotonic())
                if pause < 0:
                    break
                arrived.wait(pause)
        return None

    impl_fake.FakeExchange.deliver_message = deliver_message
    impl_fake.FakeListener.poll = poll
