"""What scanning says of files, and that loading agrees."""
