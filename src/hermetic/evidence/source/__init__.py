"""The source that made a model: script or cells, modules of its user, repository; searched for secrets first."""

__all__: list[str] = []
