"""Computes: pure functions on frames. Imports nothing of ours, opens no file, knows no screen."""

__all__ = ["priority"]
