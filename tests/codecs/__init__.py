"""Tests of the codecs, one file for each."""
