"""Make oslo.db's SQLite support fit for a threaded server.

oslo.db treats SQLite as a toy for unit tests. Six servers booting at the same time jam it ("database is locked").
"""

from __future__ import annotations

import sqlalchemy
from oslo_db.sqlalchemy import enginefacade, engines
from sqlalchemy import pool

WRITER = "devcloud_writer"


def apply() -> None:
    _pool_connections()
    # A sleep at the end of every transaction, which only greenthreads need.
    engines._thread_yield = lambda connection, record: None
    _begin_immediate_for_writers()


def _pool_connections() -> None:
    """Pool connections: oslo.db opens one per transaction, and SQLite then spends milliseconds on the schema."""
    original = sqlalchemy.create_engine

    def create_engine(url, **options):
        if str(url).startswith("sqlite:///") and options.get("poolclass") is pool.NullPool:
            # The timeout is how long a writer waits for another's lock.
            options.update(poolclass=pool.QueuePool, pool_size=5, max_overflow=50)
            options["connect_args"] = {"check_same_thread": False, "timeout": 60} | options.get("connect_args", {})
        engine = original(url, **options)
        if engine.dialect.name == "sqlite":
            sqlalchemy.event.listen(engine, "connect", _tune)
            sqlalchemy.event.listen(engine, "before_cursor_execute", _lock_early, retval=True)
        return engine

    engines.sqlalchemy.create_engine = create_engine


def _tune(connection, record) -> None:
    # WAL: readers continue while someone writes. synchronous=OFF: a killed process loses nothing; only a power failure
    # could, and then `reset` restores the cloud.
    connection.execute("PRAGMA journal_mode=WAL")
    connection.execute("PRAGMA synchronous=OFF")


def _lock_early(connection, cursor, statement, parameters, context, executemany):
    """Turn a writer's BEGIN into BEGIN IMMEDIATE.

    A deferred transaction that reads first and writes later gets SQLITE_BUSY at once, without any waiting, when
    another thread has committed in between.
    """
    if statement == "BEGIN" and connection.get_execution_options().get(WRITER):
        statement = "BEGIN IMMEDIATE"
    return statement, parameters


def _begin_immediate_for_writers() -> None:
    """Mark the connections of enginefacade's writers, so that `_lock_early` recognizes them."""
    factory = enginefacade._TransactionFactory
    create_session, create_connection = factory._create_session, factory._create_connection

    def writer_engine(self):
        if not self._started:
            self._start()
        engine = self._writer_engine
        if engine.dialect.name != "sqlite":
            return None
        known = self.__dict__.get("_devcloud_writer")
        if known is None or known[0] is not engine:
            known = self._devcloud_writer = (engine, engine.execution_options(**{WRITER: True}))
        return known[1]

    def _create_session(self, mode, bind=None):
        if mode is enginefacade._WRITER and not bind:
            bind = writer_engine(self)
        return create_session(self, mode, bind)

    def _create_connection(self, mode):
        engine = writer_engine(self) if mode is enginefacade._WRITER else None
        return engine.connect() if engine is not None else create_connection(self, mode)

    factory._create_session = _create_session
    factory._create_connection = _create_connection
