"""How files are compressed, told by their first bytes, and how they are unpacked, a little at a
time.
"""

import bz2
import lzma
import zlib
from collections.abc import Callable
from dataclasses import dataclass

HEAD = 16  # bytes that tell how a file is compressed
PACKED = 1 << 17  # bytes of a compressed file read at a time
XZ_MEMORY = 1 << 29  # bytes that a file may ask for to be unpacked: 8 times as many as xz -9 takes


@dataclass(frozen=True)
class Packing:
    """A way of compressing: its name;  unpacker() : makes what unpacks one frame;  step : bytes
    that this is given at a time;
    most : the most that it may make of them at once. Where it cannot be told, the steps are so
        small that it is some 64 MB.
    """

    name: str
    unpacker: Callable
    step: int = 1 << 15
    most: tuple = (1 << 22,)


def _zstd():
    from zstandard import ZstdDecompressor

    return ZstdDecompressor().decompressobj()


# makes up to 1,000 bytes of one
GZIP = Packing("gzip", lambda: zlib.decompressobj(wbits=31), most=())
BZIP2 = Packing("bzip2", bz2.BZ2Decompressor)
XZ = Packing("xz", lambda: lzma.LZMADecompressor(lzma.FORMAT_XZ, memlimit=XZ_MEMORY))
ZSTD = Packing("zstd", _zstd, 1 << 11, most=())  # makes up to 32,000 bytes of one
BZIP2_BLOCKS = (b"1AY&SY", b"\x17rE8P\x90")  # what follows BZh1 to BZh9


def packing(head):
    """How a file that begins so is compressed, or None. (A text may begin with BZh, but not go on
    like a bzip2 file.)
    """
    if head.startswith(b"\x1f\x8b"):
        return GZIP
    if head.startswith(b"BZh") and head[3:4] in b"123456789" and head[4:10] in BZIP2_BLOCKS:
        return BZIP2
    if head.startswith(b"\xfd7zXZ\x00"):
        return XZ
    # frames that pzstd begins with
    skippable = head[1:4] == b"*M\x18" and head[:1] in b"PQRSTUVWXYZ[\\]^_"
    return ZSTD if skippable or head.startswith(b"\x28\xb5\x2f\xfd") else None


class Unpacked:
    """What a compressed source unpacks to: all its frames (which gzip calls members), one after the
    other.

    Python's own readers take what follows the last good frame for nothing, and zstandard's a file
    that was cut for a whole one.

    source : has ``readinto(view)``;  name : of the file, for errors;  error : the class of what is
    raised;  cut : that for a file that ends too early, if it is another.
    """

    def __init__(self, source, kind, name, error, cut=None):
        self.source, self.kind, self.name, self.error, self.cut = (
            source,
            kind,
            name,
            error,
            cut or error,
        )
        # what was read, and how much of it a frame was given
        self.packed, self.at = (
            memoryview(b""),
            0,
        )
        self.frame, self.frames, self.ready = None, 0, memoryview(b"")
        if kind is ZSTD:
            self._check_zstandard()

    def _check_zstandard(self):
        try:
            import zstandard  # noqa: F401
        except ImportError as error:
            said = "is compressed with zstd; pip install 'fastw2v[zstd]', or decompress it first"
            raise self.error(f"{self.name}: {said}") from error

    def readinto(self, view):
        """Give the next bytes.

        Raises ``error`` for what is damaged, cut short, or followed by something else.
        """
        while not len(self.ready):
            if self._hungry() and self.at == len(self.packed) and not self._read():
                return 0
            self._unpack()
        n = min(len(view), len(self.ready))
        view[:n], self.ready = self.ready[:n], self.ready[n:]
        return n

    def _hungry(self):
        """Whether the unpacker has given all that it can make of what it was given."""
        return getattr(self.frame, "needs_input", True)

    def _read(self):
        data = bytearray(PACKED)
        self.packed, self.at = memoryview(data)[: fill(self.source, memoryview(data))], 0
        if not len(self.packed) and self.frame is not None:
            raise self._damaged("ends too early", "was cut short", self.cut)
        return len(self.packed)

    def _unpack(self):
        if self.frame is None:
            if self.frames and self.packed[self.at] == 0:  # what fills up tapes and blocks
                self.at = len(self.packed) - len(self.packed[self.at :].tobytes().lstrip(b"\0"))
                return
            self.frame, self.frames = self.kind.unpacker(), self.frames + 1
        some = self.packed[self.at : self.at + self.kind.step] if self._hungry() else b""
        self.at += len(some)
        try:
            self.ready = memoryview(self.frame.decompress(some, *self.kind.most))
        except MemoryError:
            raise
        except Exception as error:  # each library has its own
            raise self._damaged(f"gives {str(error)[:100]!r}", "is damaged", self.error) from error
        if self.frame.eof:
            self.at -= len(self.frame.unused_data)
            self.frame = None

    def _damaged(self, what, why, kind):
        why += "" if self.frames == 1 else ", or something else follows its end"
        return kind(
            f"{self.name}: cannot be read: unpacked by {self.kind.name}, it {what}; the file {why},"
            " get it again"
        )


def fill(stream, view):
    """Read until the view is full or the stream ends (pipes give less at a time); returns how many
    bytes.
    """
    done = 0
    while done < len(view) and (n := stream.readinto(view[done:])):
        done += n
    return done
