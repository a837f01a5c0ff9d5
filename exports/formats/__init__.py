"""Tables as files: CSV, XLSX, GeoPackage and GeoJSON, the terminal, a folder written whole."""

__all__ = [
    "archive",
    "city_folder",
    "corrections",
    "csv",
    "folder",
    "gis",
    "siting_workbook",
    "task_lists",
    "terminal",
    "xlsx",
]
