"""Run folders as somebody may make them up: checksums right, contents wrong."""

import hashlib
import json

from fastw2v.training.checkpoint import DIGEST, MAGIC


def newest_checkpoint(folder):
    """The file of the newest checkpoint of a run folder."""
    return max(folder.glob("checkpoint-*.fw2c"))


def parts(path):
    """Header and arrays, as bytes, of a checkpoint."""
    content = path.read_bytes()
    begin = len(MAGIC) + 8 + int.from_bytes(content[len(MAGIC) :][:8], "little")
    return json.loads(content[len(MAGIC) + 8 : begin]), content[begin:-DIGEST]


def forge(path, change):
    """Write a checkpoint anew with what ``change(header, arrays)`` returns, its checksum right."""
    header, arrays = change(*parts(path))
    text = header if isinstance(header, bytes) else json.dumps(header).encode()
    content = MAGIC + len(text).to_bytes(8, "little") + text + arrays
    path.write_bytes(content + hashlib.sha256(content).digest())


def edit_json(path, change):
    """Change what a file of JSON says."""
    metadata = json.loads(path.read_text(encoding="utf8"))
    path.write_text(json.dumps(change(metadata)), encoding="utf8")
