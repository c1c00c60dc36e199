"""Records and JSON without msgspec."""
