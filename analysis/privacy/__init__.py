"""Personal data in texts and tables: found by pattern, masked, and small numbers suppressed."""
