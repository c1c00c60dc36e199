"""The zoo: every kind of fitted model and value that hermetic must keep, and the comparer of two of them.

`every_case.all_cases()` gives everything; `compare` tells whether two models are the same. Nothing is imported here, so
that a test which needs one user class from `user_module` does not import the whole of scikit-learn.
"""

__all__: list[str] = []
