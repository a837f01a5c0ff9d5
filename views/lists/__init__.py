"""Rankings and lists: communities against rules, where to act first, what lies where."""

__all__ = ["levels", "matrix", "priority", "scorecard"]
