"""The environment that a model was made in: Python, machine, native libraries, and every installed distribution.

Read from what is installed; nothing here uses the network or starts a process.
"""

__all__: list[str] = []
