"""Maps: one constant base, geometry by URL, and one small specification for all that changes."""
