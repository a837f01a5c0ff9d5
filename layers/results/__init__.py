"""Results that an office brings as tables without places."""

__all__ = ["clause_values", "survey"]
