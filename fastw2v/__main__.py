"""``python -m fastw2v`` is the command ``fastw2v``."""

from fastw2v.cli import main

main()
