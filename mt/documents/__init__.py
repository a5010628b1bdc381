"""A file in some format ↔ Document."""
