"""The tests of hermetic, a package so that `tests.zoo.user_module` has one importable name."""
