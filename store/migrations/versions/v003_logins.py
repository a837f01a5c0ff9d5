"""Step 3: log-ins of people who have an account here."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "003"
down_revision = "002"


def upgrade() -> None:
    """Make the table."""
    op.create_table(
        "logins",
        sa.Column("token", sa.String(64), primary_key=True),
        sa.Column(
            "account", sa.String(32), sa.ForeignKey("accounts.code"), nullable=False, index=True
        ),
        sa.Column("standing", sa.String(64), nullable=False),
        sa.Column("ends", sa.String(32), nullable=False),
    )
