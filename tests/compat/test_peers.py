"""Programs that were written for gensim, with fastw2v put into gensim's modules as
docs/from-gensim.md says.
"""

import re
import subprocess
import sys

import pytest

from tests.helpers import ROOT

NODE2VEC = """
import networkx
from node2vec import Node2Vec
from node2vec.edges import HadamardEmbedder
graph = networkx.barbell_graph(8, 0)
walks = Node2Vec(graph, dimensions=8, walk_length=10, num_walks=40, workers=1, quiet=True, seed=1)
model = walks.fit(window=3, min_count=1, batch_words=4, seed=1, workers=1, epochs=5)
assert type(model).__module__.startswith("fastw2v.")
near = [int(key) for key, _ in model.wv.most_similar("3", topn=6)]
assert sum(node < 8 for node in near) >= 5, near
edges = HadamardEmbedder(keyed_vectors=model.wv, quiet=True).as_keyed_vectors()
assert len(edges) == 16 * 17 // 2
edges.save_word2vec_format(sys.argv[1])
"""
KARATECLUB = """
import networkx
from karateclub import DeepWalk
from karateclub.node_embedding.neighbourhood import deepwalk
assert deepwalk.Word2Vec.__module__.startswith("fastw2v.")
walks = DeepWalk(dimensions=8, walk_length=10, walk_number=5)
walks.fit(networkx.barbell_graph(8, 0))
assert walks.get_embedding().shape == (16, 8)
"""


def recipe():
    """The Python of the page that puts fastw2v into gensim's modules."""
    page = (ROOT / "docs" / "from-gensim.md").read_text(encoding="utf8")
    return next(
        code
        for code in re.findall(r"^```python\n(.*?)^```", page, re.M | re.S)
        if "import gensim.models" in code
    )


@pytest.mark.peers
@pytest.mark.parametrize(("client", "code"), [("node2vec", NODE2VEC), ("karateclub", KARATECLUB)])
def test_clients_of_gensim_train_with_the_recipe_of_the_docs(tmp_path, client, code):
    for library in (client, "networkx"):
        pytest.importorskip(
            library,
            reason=(
                f"{library} is not installed; pip install {library} to see {client} train with"
                " fastw2v"
            ),
        )
    command = [sys.executable, "-c", f"import sys\n{recipe()}{code}", str(tmp_path / "edges.txt")]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
