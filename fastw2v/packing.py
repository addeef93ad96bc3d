"""How files are compressed, by their first bytes, and how they are unpacked, a little at a
time.
"""

import bz2
import lzma
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Protocol

HEAD = 16  # bytes that tell how a file is compressed
PACKED = 1 << 17  # bytes of a compressed file read at a time
XZ_MEMORY = 1 << 29  # bytes that a file may ask for to be unpacked: 8 times as many as xz -9 takes


@dataclass(frozen=True)
class Codec:
    """A way of compressing.

    Attributes
    ----------
    unpacker
        Function that returns an unpacker of one frame.
    step
        Number of bytes that an unpacker gets at a time.
    limits
        Maximum number of bytes that it may unpack at once. Where that cannot be limited, the
        steps are so small that it is some 64 MB.
    """

    name: str
    unpacker: Callable[[], Any]
    step: int = 1 << 15
    limits: tuple[int, ...] = (1 << 22,)


def _zstd() -> Any:
    from zstandard import ZstdDecompressor

    return ZstdDecompressor().decompressobj()


# makes up to 1,000 bytes of one
GZIP = Codec("gzip", lambda: zlib.decompressobj(wbits=31), limits=())
BZIP2 = Codec("bzip2", bz2.BZ2Decompressor)
XZ = Codec("xz", lambda: lzma.LZMADecompressor(lzma.FORMAT_XZ, memlimit=XZ_MEMORY))
ZSTD = Codec("zstd", _zstd, 1 << 11, limits=())  # makes up to 32,000 bytes of one
BZIP2_BLOCKS = (b"1AY&SY", b"\x17rE8P\x90")  # what follows BZh1 to BZh9


def packing(head: bytes) -> Codec | None:
    """How a file that begins so is compressed, or None. (A text may begin with BZh, but
    not continue like a bzip2 file.)
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


class Readable(Protocol):
    """What is read from its first byte to its last."""

    def readinto(self, view: memoryview, /) -> int | None:
        """Give the next bytes; returns how many, 0 at the end."""


class Unpacked:
    """What a compressed source unpacks to: all its frames (which gzip calls members), one after the
    other.

    Python's own readers take what follows the last good frame for nothing, and zstandard's a file
    that was cut for a whole one.

    Parameters
    ----------
    source
        Compressed bytes, read by ``readinto(view)``.
    name
        Name of the file, for errors.
    error
        Class of the errors.
    cut
        Class of the error for a file that ends too early; by default ``error``.
    """

    def __init__(
        self,
        source: Readable,
        kind: Codec,
        name: object,
        error: type[Exception],
        cut: type[Exception] | None = None,
    ) -> None:
        self.source, self.kind, self.name = source, kind, name
        self.error, self.cut = error, cut or error
        self.packed, self.position = memoryview(b""), 0  # what was read, and how far it is used
        self.ready = memoryview(b"")  # what was unpacked, and not yet given
        self.frame: Any = None
        self.frames = 0
        if kind is ZSTD:
            self._check_zstandard()

    def _check_zstandard(self) -> None:
        try:
            import zstandard  # noqa: F401
        except ImportError as error:
            raise self.error(
                f"{self.name}: is compressed with zstd; pip install 'fastw2v[zstd]', or decompress"
                " it first"
            ) from error

    def readinto(self, view: memoryview) -> int:
        """Give the next bytes.

        Raises ``error`` for what is damaged, cut short, or followed by something else.
        """
        while not len(self.ready):
            if self._needs_input() and self.position == len(self.packed) and not self._read():
                return 0
            self._unpack()
        n = min(len(view), len(self.ready))
        view[:n], self.ready = self.ready[:n], self.ready[n:]
        return n

    def _needs_input(self) -> bool:
        """Whether the unpacker has unpacked all that it was given."""
        return bool(getattr(self.frame, "needs_input", True))

    def _read(self) -> int:
        data = bytearray(PACKED)
        self.packed, self.position = memoryview(data)[: fill(self.source, memoryview(data))], 0
        if not len(self.packed) and self.frame is not None:
            raise self._damaged("ends too early", "was cut short", self.cut)
        return len(self.packed)

    def _unpack(self) -> None:
        if self.frame is None:
            if self.frames and self.packed[self.position] == 0:  # what fills up tapes and blocks
                rest = self.packed[self.position :].tobytes().lstrip(b"\0")
                self.position = len(self.packed) - len(rest)
                return
            self.frame, self.frames = self.kind.unpacker(), self.frames + 1
        stop = self.position + (self.kind.step if self._needs_input() else 0)
        piece = self.packed[self.position : stop]
        self.position += len(piece)
        try:
            self.ready = memoryview(self.frame.decompress(piece, *self.kind.limits))
        except MemoryError:
            raise
        except Exception as error:  # each library has its own
            raise self._damaged(f"gives {str(error)[:100]!r}", "is damaged", self.error) from error
        if self.frame.eof:
            self.position -= len(self.frame.unused_data)
            self.frame = None

    def _damaged(self, what: str, why: str, kind: type[Exception]) -> Exception:
        why += "" if self.frames == 1 else ", or something else follows its end"
        return kind(
            f"{self.name}: cannot be read: unpacked by {self.kind.name}, it {what}; the file {why},"
            " get it again"
        )


def fill(stream: Readable, view: memoryview) -> int:
    """Read until the view is full or the stream ends (pipes give less at a time); returns how many
    bytes.
    """
    filled = 0
    while filled < len(view) and (n := stream.readinto(view[filled:]) or 0):
        filled += n
    return filled
