"""DBFS, volumes, and the tree of notebooks, files and folders."""
