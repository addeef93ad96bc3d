"""What tests share. Helpers import no test."""

from pathlib import Path

ROOT = Path(__file__).parents[2]  # the root of the repository
