"""Signatures that only this user can make: HMAC-SHA256 with a key of the user's own."""

import hmac
import os
import secrets
import stat
from contextlib import suppress
from pathlib import Path

KEY_BYTES = 32
# A link is not followed, a pipe not waited for; not every system has all of these.
FLAGS = os.O_RDONLY | sum(getattr(os, name, 0) for name in ("O_NOFOLLOW", "O_NONBLOCK", "O_BINARY"))


def key_path() -> Path:
    """The file of the user's key: fastw2v/index.key in the user's directory of configuration."""
    folder = os.environ.get("XDG_CONFIG_HOME") or os.environ.get("APPDATA")
    return Path(folder or os.path.expanduser("~/.config"), "fastw2v", "index.key")


def user_key() -> bytes | None:
    """The user's key, made at its first use; None if there is none that others can neither read nor
    make.
    """
    path = key_path()
    with suppress(OSError):
        _make(path)
    try:
        handle = os.open(path, FLAGS)
    except OSError:
        return None
    with open(handle, "rb") as file:
        state = os.fstat(handle)
        others = hasattr(os, "geteuid") and (state.st_uid != os.geteuid() or state.st_mode & 0o077)
        key = file.read(KEY_BYTES + 1) if stat.S_ISREG(state.st_mode) and not others else b""
    return key if len(key) == KEY_BYTES else None


def _make(path: Path) -> None:
    """Make a key, unless there is a file of that name: whole or not at all, and once, if several
    processes do.
    """
    if path.exists():
        return
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    new = path.with_name(f"{path.name}.{secrets.token_hex(8)}")
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0)
    try:
        with open(os.open(new, flags, 0o600), "wb") as file:
            file.write(secrets.token_bytes(KEY_BYTES))
        os.link(new, path)  # unlike a rename it fails if another process was faster
    finally:
        new.unlink(missing_ok=True)


def signature(key: bytes, *parts: bytes) -> str:
    """The signature of bytes, in hexadecimal digits."""
    mac = hmac.new(key, digestmod="sha256")
    for part in parts:
        mac.update(len(part).to_bytes(8, "little"))
        mac.update(part)
    return mac.hexdigest()


def is_signed(key: bytes, claimed: object, *parts: bytes) -> bool:
    """Whether ``claimed`` is the signature of bytes."""
    return isinstance(claimed, str) and hmac.compare_digest(
        signature(key, *parts).encode(), claimed.encode("utf8", "replace")
    )
