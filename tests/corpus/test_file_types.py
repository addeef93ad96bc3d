import gzip
import io
import pickle
import sqlite3
import struct
import tarfile
import zipfile

import numpy as np
import pytest

import fastw2v
from fastw2v.config import TrainConfig
from fastw2v.corpus.encoded import open_corpus
from fastw2v.corpus.file_types import check_binary, check_file_type
from fastw2v.corpus.reader import file_blocks, find_files
from fastw2v.errors import CorpusError
from fastw2v.vectors.word_vectors import WordVectors


def zipped(members, first=()):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in first:
            archive.writestr(zipfile.ZipInfo(name), text)  # not compressed
        for name in members:
            archive.writestr(name, "some text in it " * 50)
    return out.getvalue()


def tar(name="a.txt", data=b"some text"):
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w") as archive:
        info = tarfile.TarInfo(name)
        info.size = len(data)
        archive.addfile(info, io.BytesIO(data))
    return out.getvalue()


def npz():
    out = io.BytesIO()
    np.savez(out, words=np.array(["a", "b"]), vectors=np.zeros((2, 3), np.float32))
    return out.getvalue()


def npy():
    out = io.BytesIO()
    np.save(out, np.zeros((50, 3), np.float32))
    return out.getvalue()


def sqlite(path):
    with sqlite3.connect(path) as database:
        database.execute("create table reviews (text)")
    database.close()
    return path.read_bytes()


OFFICE = ("[Content_Types].xml", "_rels/.rels")
REFUSED = {
    "PDF": (
        b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n1 0 obj\n" + b"<< >> endobj " * 99,
        ["PDF", "pdftotext"],
    ),
    "RTF": (rb"{\rtf1\ansi{\fonttbl\f0 Times;}\f0\pard the king\par}" * 9, ["RTF", "plain text"]),
    "old Word": (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600), ["Office", "plain text"]),
    "Word": (zipped([*OFFICE, "word/document.xml", "word/styles.xml"]), ["Word", "plain text"]),
    "Excel": (zipped([*OFFICE, "xl/workbook.xml"]), ["Excel"]),
    "PowerPoint": (zipped([*OFFICE, "ppt/presentation.xml"]), ["PowerPoint"]),
    "OpenDocument": (
        zipped(["content.xml"], [("mimetype", "application/vnd.oasis.opendocument.text")]),
        ["OpenDocument", "plain text"],
    ),
    "EPUB": (
        zipped(["META-INF/container.xml"], [("mimetype", "application/epub+zip")]),
        ["EPUB", "pandoc"],
    ),
    "zip": (zipped(["a.txt", "keyword/list.txt"]), ["zip archive", "unpack"]),
    "empty zip": (b"PK\x05\x06" + bytes(18), ["zip archive"]),
    "tar": (tar(), ["tar archive", "unpack"]),
    "7z": (b"7z\xbc\xaf\x27\x1c\0\4" + bytes(50), ["archive", "unpack"]),
    "rar": (b"Rar!\x1a\x07\x01\0" + bytes(50), ["archive", "unpack"]),
    "lz4": (b"\x04\x22\x4d\x18\x64\x40\xa7" + b"text", ["decompress"]),
    "PNG": (b"\x89PNG\r\n\x1a\n" + bytes(50), ["image"]),
    "JPEG": (b"\xff\xd8\xff\xe0\0\x10JFIF\0" + bytes(50), ["image"]),
    "GIF": (b"GIF89a\x01\0\x01\0" + bytes(50), ["image"]),
    "WebP": (b"RIFF\x24\0\0\0WEBPVP8 " + bytes(50), ["image"]),
    "WAV": (b"RIFF\x24\0\0\0WAVEfmt " + bytes(50), ["sound"]),
    "MP4": (b"\0\0\0\x20ftypisom" + bytes(50), ["video"]),
    "Parquet": (b"PAR1\x15\x04\x15\x10" + bytes(50) + b"PAR1", ["Parquet"]),
    "Arrow": (b"ARROW1\0\0\xff\xff\xff\xff" + bytes(50), ["Arrow"]),
    "Feather": (b"FEA1\0\0\0\0" + bytes(50), ["Feather"]),
    "Arrow stream": (b"\xff\xff\xff\xff\x10\1\0\0\x10\0\0\0\0\0\x0a\0" + bytes(50), ["Arrow"]),
    "HDF5": (b"\x89HDF\r\n\x1a\n" + bytes(50), ["HDF5"]),
    "npy": (npy(), ["NumPy", "tolist"]),
    "npz": (npz(), ["NumPy", "nearest", "--init"]),
    "pickle": (pickle.dumps({"words": ["a"]}), ["pickle"]),
    "pickle of protocol 0": (pickle.dumps(["the king"] * 9, protocol=0), ["pickle"]),
    "old pickle": (pickle.dumps({"words": ["a"]}, protocol=2), ["pickle"]),
    "PyTorch": (zipped(["model/data.pkl", "model/data/0"]), ["PyTorch"]),
    "fastText": (struct.pack("<2i", 793712314, 12) + bytes(60), ["fastText", "nearest"]),
    "safetensors": (
        struct.pack("<Q", 64) + b'{"weight":{"dtype":"F32"}}' + bytes(99),
        ["safetensors", "nearest"],
    ),
    "program": (b"\x7fELF\2\1\1" + bytes(60), ["program"]),
    "noise": (np.random.default_rng(1).integers(1, 256, 9000, np.uint8).tobytes(), ["binary data"]),
}


@pytest.mark.parametrize("packed", [False, True])
@pytest.mark.parametrize("name", REFUSED)
@pytest.mark.parametrize("encoding_errors", ["strict", "replace"])
def test_a_file_that_is_no_text_is_named_for_what_it_is(tmp_path, name, packed, encoding_errors):
    data, named = REFUSED[name]
    path = tmp_path / "corpus.txt"
    path.write_bytes(gzip.compress(data) if packed else data)
    with pytest.raises(CorpusError) as caught:
        open_corpus(path, TrainConfig(min_count=1, threads=1, encoding_errors=encoding_errors))
    said = str(caught.value).replace(str(path), "")
    assert (
        all(word in said for word in named)
        and "--encoding-errors" not in said
        and len(said) <= 250
        and "\n" not in said
    )


def test_a_database_is_named(tmp_path):
    (tmp_path / "corpus").write_bytes(sqlite(tmp_path / "reviews.db"))
    with pytest.raises(CorpusError, match=r"SQLite.*select"):
        list(file_blocks([tmp_path / "corpus"]))


@pytest.mark.parametrize(
    "format, name",
    [("binary", "v.bin"), ("text", "v.txt"), ("glove", "v.glove"), ("model", "v.npz")],
)
@pytest.mark.parametrize("size", [5, 300])
def test_vectors_in_place_of_a_corpus_are_named(tmp_path, rng, format, name, size):
    words = [f"w{i}" for i in range(40)]
    WordVectors(words, rng.normal(size=(40, size)).astype(np.float32)).save(tmp_path / name)
    with pytest.raises(CorpusError, match=rf"{name}: .*fastw2v nearest.*--init"):
        list(file_blocks([tmp_path / name]))


def test_small_binary_vectors_without_a_control_character_are_named(tmp_path):
    (tmp_path / "v.bin").write_bytes(
        b"2 2\na " + struct.pack("<2f", 0.1, -0.2) + b"\nb " + struct.pack("<2f", 0.1, -0.2)
    )
    with pytest.raises(CorpusError, match="--init"):
        list(file_blocks([tmp_path / "v.bin"]))


def test_a_folder_of_a_model_in_place_of_a_corpus_is_named(tmp_path, rng):
    vectors = WordVectors(["a", "b"], rng.normal(size=(2, 8)).astype(np.float32))
    vectors.save(tmp_path / "hub", format="hub")
    with pytest.raises(CorpusError, match=r"hub: holds a model.*--init"):
        find_files(tmp_path / "hub")
    with pytest.raises(CorpusError):
        fastw2v.train(tmp_path / "hub")


@pytest.mark.parametrize(
    "text",
    [
        "PAR1 is a name",
        "PK fire is a move",
        "BM 1234 is short",
        "GIFs are images",
        "MZ and ID3 are letters",
        "II*III*IV",
        "7z is an archive",
        "RIFF raff",
        "OggS",
        "%PDF files",
        "{rtf}",
        "\x04\x0b",
        "日本語 の 本",
        "é" * 3000,
        "BZh91 x",
    ],
)
def test_text_that_begins_almost_like_a_file_of_a_kind_is_text(text):
    check_file_type(text.encode(), "a.txt")
    check_binary(text.encode(), "a.txt")


@pytest.mark.parametrize(
    "encoding", ["latin-1", "cp1252", "koi8-r", "shift-jis", "gb18030", "iso2022_jp"]
)
def test_text_in_another_encoding_is_no_binary_data(encoding):
    text = {
        "latin-1": "été à la plage ",
        "cp1252": "naïve – café ",
        "koi8-r": "король правит ",
        "gb18030": "国王 统治 ",
    }
    check_binary((text.get(encoding, "王 が 支配 する ") * 500).encode(encoding), "a.txt")


@pytest.mark.parametrize("cut", range(1, 9))
def test_utf8_that_is_cut_within_a_letter_is_no_binary_data(cut):
    check_binary(b"\x01" * 1000 + "王🙂é".encode()[:cut], "a.txt")


def test_the_first_bytes_of_any_length_are_judged_without_a_failure(rng):
    for data, _ in REFUSED.values():
        for size in range(len(data[:40])):
            try:
                check_file_type(bytearray(data[:size]), "a")
            except CorpusError as error:
                assert str(error).startswith("a: is ")
