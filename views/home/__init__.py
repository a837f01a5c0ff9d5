"""The first screen: what a leader sees before anything else."""

__all__ = ["home"]
