"""Tests of recording, one file for each of its modules."""
