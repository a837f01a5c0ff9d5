"""What changes over the months: patterns, periods, alerts, prediction, under-reporting."""

__all__ = [
    "alert_scan",
    "alerts",
    "campaigns",
    "emerging",
    "periods",
    "prediction",
    "recipe",
    "space_time_cube",
    "underreporting",
]
