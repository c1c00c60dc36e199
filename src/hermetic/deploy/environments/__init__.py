"""Environments made again: locks of exact wheels, their approval, and virtual environments that are proved.

Only here is the network used, by explicit wish, and only through the user's own installer and index. Of what a file
says only names, versions and digests are used, each in a form that can be nothing else.
"""

from __future__ import annotations

__all__: list[str] = []
