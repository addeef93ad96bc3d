"""The interfaces of other programs over this trainer: a script changes only its import line."""
