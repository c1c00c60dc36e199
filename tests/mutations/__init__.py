"""Hostile models, made by changing captured graphs: which models, which changes, and the process that tries them."""
