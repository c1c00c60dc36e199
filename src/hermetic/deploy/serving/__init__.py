"""Serving models over HTTP: one front that speaks the protocols, and workers that share the models."""

__all__: list[str] = []
