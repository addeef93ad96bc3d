"""CPUs that this process may use: its affinity mask, and the CPU quotas of its control groups."""

import os
import re
from contextlib import suppress
from pathlib import Path


def available_cores(root: str | Path = "/") -> int:
    """Number of CPUs that this process may use: those it may run on, or fewer if a CPU quota
    (docker --cpus) is smaller.

    root : the root of the file system, for tests.
    """
    return max(
        min([affinity_cores(), *(-(-quota // period) for quota, period in cpu_quotas(Path(root)))]),
        1,
    )


def affinity_cores() -> int:
    """Number of CPUs that this process may run on, ignoring limits of their time."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def cpu_quotas(root: Path) -> list[tuple[int, int]]:
    """(quota, period) in microseconds of each control group of this process that has a quota, its
    ancestors included.
    """
    try:
        groups = (root / "proc/self/cgroup").read_text(errors="replace").splitlines()
        mounts = (root / "proc/self/mountinfo").read_text(errors="replace").splitlines()
    except OSError:  # not Linux
        return []
    quotas: list[tuple[int, int]] = []
    for line in mounts:
        before, _, after = line.partition(" - ")
        fields, (kind, _, options) = before.split(" "), (after.split(" ") + [""] * 3)[:3]
        if len(fields) > 4 and (
            kind == "cgroup2" or (kind == "cgroup" and "cpu" in options.split(","))
        ):
            group = _group(groups, kind)
            if group is not None:
                mount_root, mount = _unescape(fields[3]), _unescape(fields[4])
                quotas += _quotas_upwards(root / mount.lstrip("/"), _inside(group, mount_root))
    return quotas


def _group(lines: list[str], kind: str) -> str | None:
    """The path of the control group that limits CPU time, in a hierarchy of this kind; None if
    there is none.
    """
    for line in lines:
        _, controllers, path = ([*line.split(":", 2), "", ""])[:3]
        if (controllers == "") if kind == "cgroup2" else ("cpu" in controllers.split(",")):
            return path
    return None


def _inside(group: str, mount_root: str) -> list[str]:
    """A group's path below a mount point that shows the hierarchy from ``mount_root`` on, as folder
    names from the top.
    """
    names, top = group.split("/"), mount_root.rstrip("/")
    # the mount shows only what is above or beside the group
    if ".." in names or not (group + "/").startswith(top + "/"):
        return []
    return [name for name in group[len(top) :].split("/") if name]


def _quotas_upwards(mount: Path, names: list[str]) -> list[tuple[int, int]]:
    """The quotas of a group and of all groups above it: each of them binds."""
    quotas = []
    for depth in range(len(names), -1, -1):
        folder = mount.joinpath(*names[:depth])
        with suppress(OSError, ValueError):
            quota, _, period = (folder / "cpu.max").read_text().partition(" ")
            quotas.append((int(quota), int(period)))  # quota is "max" if there is no limit
        with suppress(OSError, ValueError):
            pair = (
                (folder / "cpu.cfs_quota_us").read_text(),
                (folder / "cpu.cfs_period_us").read_text(),
            )
            quotas.append((int(pair[0]), int(pair[1])))  # quota is -1 if there is no limit
    return [(quota, period) for quota, period in quotas if quota > 0 and period > 0]


def _unescape(path: str) -> str:
    """A path of mountinfo, where white space stands as \\040."""
    return re.sub(r"\\([0-7]{3})", lambda match: chr(int(match[1], 8)), path)
