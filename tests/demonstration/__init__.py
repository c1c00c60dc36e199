"""Tests of the demonstration with small stand-ins for its models; tests/cli/test_demo.py runs the whole once."""
