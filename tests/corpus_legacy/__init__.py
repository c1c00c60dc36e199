"""Hostile and tricky pickle and joblib files, made afresh by each run: no binary of them is kept."""
