"""What a file records of its model: the kinds of evidence, how they stand in a file, and answers asked again."""

__all__: list[str] = []
