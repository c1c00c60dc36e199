"""Signatures: who vouches for a file, in a file of its own beside it (``model.hermetic.sig``).

A signature says that the holder of a key has signed these very bytes. It says nothing of what is in them: the gates of
a load stay. Nothing here ever decides which keys are trusted; the caller names them.
"""

__all__: list[str] = []
