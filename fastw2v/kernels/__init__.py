"""Compiled arithmetic. Leaves compute on rows they are given; drivers loop, draw and choose rows; nothing here checks input."""
