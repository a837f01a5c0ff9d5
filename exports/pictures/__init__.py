"""Pictures: any map as SVG and PNG, drawn from its specification without a browser."""

__all__ = ["chart", "context", "draw", "raster", "svg", "typesetter"]
