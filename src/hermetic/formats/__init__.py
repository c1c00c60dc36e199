"""Bytes and member names: hermetic's own file format, and the readers of foreign ones.

Nothing in here knows types of Python objects; the byte layer imports neither numpy nor scikit-learn.
"""

__all__: list[str] = []
