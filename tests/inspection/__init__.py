"""Tests of inspecting, one file for each of its modules."""
