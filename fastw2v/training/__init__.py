"""Runs: the state of a run, what drives the kernels over it, and the loop that tells how it goes."""
