"""Training data of any kind, as what they say: columns of values with logical types, their fingerprint, differences.

Nothing here opens a file or an address.
"""

__all__: list[str] = []
