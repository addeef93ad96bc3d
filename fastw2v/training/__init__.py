"""Runs: their state, the trainers that change it, and the loop that reports progress."""
