"""The store's records in an SQLite file, so that a cloud survives being killed at any moment.

One table per kind of record, one column per field; the store keeps the truth in memory and writes
through. Write-ahead log with ``synchronous=NORMAL``: what was committed survives the death of the
process at once, and a power cut up to the last checkpoint (sqlite.org/wal.html).
"""

import dataclasses
import json
import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from ip_commands.host_sim.cloud.records import RECORD_KINDS, IpCommand, Record

SCHEMA_VERSION = 1
LOCK_WAIT_S = 2.0
"""How long to wait for another process that is just ending."""


class UnusableDatabase(Exception):
    """The file is another program's, another version's, or open in another process."""


class SqlitePersistence:
    """Keep records in ``path``; pass it to ``CloudStore(persistence=...)`` and ``resume()`` it.

    The file is locked for as long as it is open: a second cloud on it would overwrite the first.
    Raises UnusableDatabase.
    """

    def __init__(self, path: str | Path) -> None:
        self._path = str(path)
        try:
            self._connection = sqlite3.connect(
                self._path, isolation_level=None, timeout=LOCK_WAIT_S
            )
        except sqlite3.OperationalError as error:
            raise UnusableDatabase(
                f"{self._path}: {error}; is it a folder, in one that does not exist, or in one "
                "that may not be written to?"
            ) from error
        try:
            self._open()
        except sqlite3.DatabaseError as error:
            self._connection.close()
            raise UnusableDatabase(
                f"{self._path}: {error}; is it open in another process, or another kind of file?"
            ) from error
        except UnusableDatabase:
            self._connection.close()
            raise
        self._save_sql = {kind: _save_sql(kind) for kind in RECORD_KINDS}
        self._in_transaction = False

    def _open(self) -> None:
        execute = self._connection.execute
        execute("PRAGMA locking_mode=EXCLUSIVE")
        is_new = self._check_owner()
        execute("PRAGMA journal_mode=WAL")
        execute("PRAGMA synchronous=NORMAL")
        execute("BEGIN EXCLUSIVE")
        if is_new:
            for kind in RECORD_KINDS:
                execute(f"CREATE TABLE {kind.__name__} ({', '.join(_columns(kind))})")
            execute("CREATE TABLE opened (times INTEGER)")
            execute("INSERT INTO opened VALUES (0)")
            execute(f"PRAGMA user_version={SCHEMA_VERSION}")
        (self.starts,) = execute("SELECT times FROM opened").fetchone()
        execute("UPDATE opened SET times = times + 1")
        execute("COMMIT")

    def _check_owner(self) -> bool:
        """Return whether the file is new; raise before a foreign one is touched."""
        (version,) = self._connection.execute("PRAGMA user_version").fetchone()
        (objects,) = self._connection.execute("SELECT count(*) FROM sqlite_master").fetchone()
        if version == 0 and objects:
            raise UnusableDatabase(f"{self._path} belongs to another program: give a new file")
        if version not in (0, SCHEMA_VERSION):
            raise UnusableDatabase(
                f"{self._path} has schema {version}, this version writes {SCHEMA_VERSION}: "
                "start with a new file"
            )
        return bool(version == 0)

    def load(self) -> Iterator[Record]:
        """Iterate over all records, kind by kind."""
        for kind in RECORD_KINDS:
            columns = dataclasses.fields(kind)
            names = ", ".join(column.name for column in columns)
            for row in self._connection.execute(f"SELECT {names} FROM {kind.__name__}"):
                yield kind(*map(_from_sql, columns, row))

    def latest_ms(self) -> int | None:
        """Return when the last command changed: a simulated clock should go on from there."""
        query = f"SELECT max(updated_ms) FROM {IpCommand.__name__}"
        latest: int | None = self._connection.execute(query).fetchone()[0]
        return latest

    def save(self, record: Record) -> None:
        """Insert or replace a record; ``commit`` makes it permanent."""
        self._begin()
        kind = type(record)
        values = [getattr(record, name) for name in kind.__dataclass_fields__]
        self._connection.execute(self._save_sql[kind], [_to_sql(value) for value in values])

    def delete(self, record: Record) -> None:
        """Remove a record; ``commit`` makes it permanent."""
        self._begin()
        self._connection.execute(
            f"DELETE FROM {type(record).__name__} WHERE sid = ?", (record.sid,)
        )

    def _begin(self) -> None:
        if not self._in_transaction:
            self._connection.execute("BEGIN")
            self._in_transaction = True

    def commit(self) -> None:
        """Make everything since the last commit permanent, all of it or nothing."""
        if self._in_transaction:
            self._connection.execute("COMMIT")
            self._in_transaction = False

    def close(self) -> None:
        """Commit and close the file."""
        self.commit()
        self._connection.close()


def _columns(kind: type[Record]) -> list[str]:
    return [
        f"{column.name} TEXT PRIMARY KEY" if column.name == "sid" else column.name
        for column in dataclasses.fields(kind)
    ]


def _save_sql(kind: type[Record]) -> str:
    places = ", ".join("?" * len(dataclasses.fields(kind)))
    return f"INSERT OR REPLACE INTO {kind.__name__} VALUES ({places})"


def _to_sql(value: Any) -> Any:
    return json.dumps(value) if isinstance(value, tuple) else value


def _from_sql(column: "dataclasses.Field[Any]", value: Any) -> Any:
    if column.type is bool:
        return bool(value)
    if column.name == "parameters":
        return tuple((name, text) for name, text in json.loads(value))
    return value
