"""Writes: tables, workbooks, geodata and maps. The only place that writes results."""
