"""Results that an office brings: values for clauses, surveys, readings and samples."""

__all__ = ["clause_values", "monitoring", "survey"]
