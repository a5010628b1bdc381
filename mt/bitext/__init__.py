"""Files of pairs: TSV, JSON lines, TMX."""
