"""Making a model again from what its file records, here and now."""

__all__: list[str] = []
