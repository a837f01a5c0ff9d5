"""Guesses of what files hold, each with a reason, and the recipe made of them."""

__all__ = [
    "city",
    "columns",
    "guesses",
    "recipe_text",
    "vocabulary",
    "zones",
]
