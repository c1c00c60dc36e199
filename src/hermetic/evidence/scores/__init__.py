"""Cross-validation: recorded, run again, and compared."""

__all__: list[str] = []
