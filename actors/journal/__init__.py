"""The journal: what was created and must be destroyed, on disk before it is created."""

from .journal import Entry, Journal
from .owners import Life
from .record import Kind, Record

__all__ = ["Entry", "Journal", "Kind", "Life", "Record"]
