"""The tables as the program expects them; migrations make them, a test compares the two."""

from __future__ import annotations

import sqlalchemy as sa

METADATA = sa.MetaData()

BY = "by"
"""Fact of the log that says whose account did it, and option of a connection with it."""

LOG = sa.Table(
    "log",
    METADATA,
    sa.Column("position", sa.BigInteger, primary_key=True, autoincrement=False),
    sa.Column("at", sa.String(32), nullable=False),  # UTC as ISO 8601: the text that is hashed
    sa.Column("action", sa.String(40), nullable=False),
    sa.Column("kind", sa.String(40), nullable=False),
    sa.Column("subject", sa.String(32), nullable=False),
    sa.Column("facts", sa.Text, nullable=False),
    sa.Column("before", sa.String(64), nullable=False),
    sa.Column("hash", sa.String(64), nullable=False),
)
"""Append-only; each entry has the hash of the one before."""

RECORDS = sa.Table(
    "records",
    METADATA,
    sa.Column("id", sa.String(32), primary_key=True),
    sa.Column("kind", sa.String(40), nullable=False),
    sa.Column("place", sa.String(200), nullable=False),
    sa.Column("name", sa.String(100), nullable=False),
    sa.Column("version", sa.Integer, nullable=False),
    sa.UniqueConstraint("kind", "place", "name", name="records_named_once"),
)
"""What is kept, with its latest version; the name is the only column that may change with it."""

REVISIONS = sa.Table(
    "revisions",
    METADATA,
    sa.Column("id", sa.String(32), sa.ForeignKey("records.id"), primary_key=True),
    sa.Column("version", sa.Integer, primary_key=True),
    sa.Column("at", sa.String(32), nullable=False),
    sa.Column("name", sa.String(100), nullable=False),
    sa.Column("body", sa.Text, nullable=False),
)
"""Every version of every record, whole; a body is the text of `store.content.written`."""

ACCOUNTS = sa.Table(
    "accounts",
    METADATA,
    sa.Column("code", sa.String(32), primary_key=True),
    sa.Column("name", sa.String(100), nullable=False, unique=True),
    sa.Column("password", sa.String(200), nullable=False),
    sa.Column("disabled", sa.Boolean, nullable=False),
    sa.Column("failures", sa.Integer, nullable=False),
    sa.Column("failed_at", sa.String(32), nullable=False),
)
"""People who log in here; a password is kept as its hash by Argon2."""

LOGINS = sa.Table(
    "logins",
    METADATA,
    sa.Column("token", sa.String(64), primary_key=True),
    sa.Column("account", sa.String(32), sa.ForeignKey("accounts.code"), nullable=False, index=True),
    sa.Column("standing", sa.String(64), nullable=False),
    sa.Column("ends", sa.String(32), nullable=False),
)
"""Who is logged in; the secret of a browser's cookie is kept as its hash alone."""
