"""Findings: what an assessment asks somebody to do, under the same name next month as today."""

__all__ = ["findings"]
