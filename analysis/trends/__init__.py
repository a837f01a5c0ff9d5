"""What changes over the months: patterns, periods, alerts, prediction, under-reporting."""

__all__ = [
    "alert_scan",
    "alerts",
    "emerging",
    "periods",
    "prediction",
    "recipe",
    "space_time_cube",
    "underreporting",
]
