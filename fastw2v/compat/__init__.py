"""Other programs' faces on this one's engine: scripts go on as they are, but for their import line."""
