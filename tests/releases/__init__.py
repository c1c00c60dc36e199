"""Models from one release of scikit-learn to another: written there, read here, every answer compared."""
