import json

from bench.table import MARKS, README, RESULTS, table


def test_readmes_table_is_made_of_the_results():
    text = README.read_text(encoding="utf8")
    result = json.loads((RESULTS / "peers.json").read_text(encoding="utf8"))
    assert text.split(MARKS[0])[1].split(MARKS[1])[0].strip() == table(result)


def test_results_name_machine_versions_and_commit():
    for path in RESULTS.glob("*.json"):
        machine = json.loads(path.read_text(encoding="utf8"))["machine"]
        assert machine["cpu"] and machine["cores"] and machine["versions"]["numba"] and machine["commit"]
