"""Pictures: any map as SVG and PNG, drawn from its specification without a browser."""

__all__ = ["chart", "draw", "raster", "sheet", "svg", "typesetter"]
