"""What if facilities stood elsewhere: changes, their undoing, and what they would move."""

__all__ = ["changes", "comparison", "deltas", "incremental"]
