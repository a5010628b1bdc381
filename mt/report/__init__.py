"""HTML pages with plots, self-contained."""
