"""Small relational data: one engine, transactions, migrations and the counter that tells processes of changes.

Knows no domain. The tables of a room are declared in that room's `store.py` on the shared `metadata`.
"""

from sqlalchemy import Connection

from logwright.db.changes import ChangeCounter
from logwright.db.database import Database, metadata

__all__ = ["ChangeCounter", "Connection", "Database", "metadata"]
