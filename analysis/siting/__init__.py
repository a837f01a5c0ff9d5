"""Where new facilities would serve most: plans, what is proven of them, how many are enough."""

__all__ = [
    "closing",
    "curve",
    "maximal_cover",
    "nearer",
    "reasons",
    "recipe",
    "solving",
    "stalls",
    "task",
    "together",
]
