"""A server under load and faults, for minutes: `make soak`."""
