"""Choosing and drawing the rows about which a model is asked."""

__all__: list[str] = []
