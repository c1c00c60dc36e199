"""Shipping a model: what it wants to be asked, prediction over files, serving."""

from __future__ import annotations

__all__: list[str] = []
