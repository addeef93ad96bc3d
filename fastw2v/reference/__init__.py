"""The slow twin of the trainer: the same draws in the same order, in plain NumPy, importing
equations and nothing else.
"""
