"""Files that former releases have really written; they are kept as they are, and never written again."""
