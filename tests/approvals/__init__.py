"""What was approved for one file, read and written."""
