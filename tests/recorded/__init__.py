"""Tests of what may stand beside a model in its file, one file for each of its modules."""
