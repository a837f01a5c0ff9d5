"""What was done, as the log has it, in words."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from wording.speaker import Speaker

ACTIONS = (
    *("created", "changed", "logged_in", "logged_out", "log_in_failed", "locked_out"),
    *("account_added", "account_disabled", "account_enabled", "password_changed"),
    *("roles_changed", "exported", "brought", "published"),
    *("backed_up", "restored"),
)
OWN = ("logged_in", "logged_out")
"""What only the account itself does."""
SHOWN = 12
"""Signs of a code that nothing else shares."""


def worded_entry(
    translate: Speaker,
    names: Mapping[str, str],
    *,
    action: str,
    kind: str,
    subject: str,
    facts: Mapping[str, int | str],
) -> tuple[str, str, str]:
    """Write an entry as what was done, to what, by whom; accounts by `names`, where known."""
    done = translate(f"log.{action}") if action in ACTIONS else action
    by = str(facts.get("by", ""))
    if kind == "account":
        by = subject if action in OWN else by
        subject = names.get(subject, subject[:SHOWN])
    elif kind == "export":
        subject = translate(f"permit.exports_{subject}")
    else:
        version = f" · {facts['version']}" if "version" in facts else ""
        subject = f"{translate(f'log.kind_{kind}')} {subject[:SHOWN]}{version}"
    return done, subject, names.get(by, by[:SHOWN])
