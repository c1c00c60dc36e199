"""pandas: one file for each kind of thing it stores, and beside them how old files told of it."""

__all__: list[str] = []
