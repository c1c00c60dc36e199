"""Data of any kind as Parquet and back, as the very object that they were.

One file for each library says what its objects are as columns of Arrow, and makes them of these columns again.
pyarrow is imported here and below only.
"""

__all__: list[str] = []
