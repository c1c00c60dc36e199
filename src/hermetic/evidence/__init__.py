"""What a model was made of: its data, its source, its environment, its scores; kept, verified, rebuilt."""

__all__: list[str] = []
