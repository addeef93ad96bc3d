"""Programs that were written for gensim, with their import answered by fastw2v."""

import subprocess
import sys

import pytest

SWAPPED = """
import sys
import fastw2v.compat.gensim as gensim
gensim.__version__ = "4.4.0"  # the one whose names these are; node2vec asks for it
modules = [gensim, gensim.models, gensim.models.word2vec, gensim.models.keyedvectors]
sys.modules |= {module.__name__.removeprefix("fastw2v.compat."): module for module in modules}
"""
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


@pytest.mark.peers
def test_node2vec_trains_with_the_import_swapped(tmp_path):
    pytest.importorskip("node2vec", reason="node2vec is not installed; pip install node2vec to see it train with fastw2v")
    pytest.importorskip("networkx", reason="networkx is not installed; pip install networkx to see node2vec train with fastw2v")
    command = [sys.executable, "-c", SWAPPED + NODE2VEC, str(tmp_path / "edges.txt")]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "edges.txt").read_text().startswith("136 8\n")
