"""Every equation of the index stands where the index says, and names its number."""

import importlib
import re

from fastw2v import equations


def test_every_equation_has_its_home_and_cites_its_number():
    module = None
    for numbers, where in re.findall(
        r"^\| ([\d, ]+) \|.*\| ([\w. ]+) \|$", equations.__doc__, re.M
    ):
        if "." in where:
            module, function = where.split(".")
        doc = getattr(importlib.import_module(f"fastw2v.equations.{module}"), function).__doc__
        for number in numbers.split(", "):
            cited = re.findall(r"Eq\. (\d+)(?: (?:to|and) (\d+))?", doc)
            assert any(int(a) <= int(number) <= int(b or a) for a, b in cited), (number, where)


def test_the_index_lists_equations_1_to_24():
    listed = [
        int(n)
        for row in re.findall(r"^\| ([\d, ]+) \|", equations.__doc__, re.M)
        for n in row.split(", ")
    ]
    assert listed == [*range(1, 25)]
