import os

import pytest

from fastw2v import cores
from fastw2v.cores import available_cores, cpu_quotas

V1 = "40 30 0:35 {root} /sys/fs/cgroup/cpu,cpuacct rw,nosuid - cgroup cgroup rw,cpu,cpuacct"
V2 = "29 23 0:26 {root} /sys/fs/cgroup rw,nosuid shared:4 - cgroup2 cgroup2 rw,nsdelegate"
PLAIN = "23 1 8:1 / / rw,relatime shared:1 - ext4 /dev/sda1 rw"


@pytest.fixture(autouse=True)
def eight_cores(monkeypatch):
    monkeypatch.setattr(os, "sched_getaffinity", lambda process: set(range(8)), raising=False)


def system(root, group, mount, quotas):
    """A root of a file system with the given line of /proc/self/cgroup, mount, and files of control
    groups.
    """
    files = {
        "proc/self/cgroup": f"7:memory:/elsewhere\n{group}\n",
        "proc/self/mountinfo": f"{PLAIN}\n{mount}\n",
        **quotas,
    }
    for name, text in files.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text)
    return root


def v1(folder, quota, period=100_000):
    folder = f"sys/fs/cgroup/cpu,cpuacct{folder}"
    return {
        f"{folder}/cpu.cfs_quota_us": f"{quota}\n",
        f"{folder}/cpu.cfs_period_us": f"{period}\n",
    }


@pytest.mark.parametrize(
    "quota, cores",
    [
        ("200000 100000", 2),
        ("150000 100000", 2),
        ("1000 100000", 1),
        ("max 100000", 8),
        ("1600000 100000", 8),
    ],
)
def test_available_cores_with_a_v2_quota_rounds_up(tmp_path, quota, cores):
    files = {"sys/fs/cgroup/job/cpu.max": f"{quota}\n"}
    assert available_cores(system(tmp_path, "0::/job", V2.format(root="/"), files)) == cores


@pytest.mark.parametrize("quota, cores", [(300_000, 3), (250_001, 3), (5000, 1), (-1, 8)])
def test_available_cores_with_a_v1_quota_rounds_up(tmp_path, quota, cores):
    root = system(
        tmp_path, "4:cpu,cpuacct:/docker/abc", V1.format(root="/"), v1("/docker/abc", quota)
    )
    assert available_cores(root) == cores


@pytest.mark.parametrize("parent", ["", "/pod", "/pod/inner"])
def test_available_cores_with_a_quota_of_an_ancestor_respects_it(tmp_path, parent):
    files = {
        f"sys/fs/cgroup{folder}/cpu.max": "max 100000\n"
        for folder in ("", "/pod", "/pod/inner", "/pod/inner/own")
    }
    files[f"sys/fs/cgroup{parent}/cpu.max"] = "300000 100000\n"
    files["sys/fs/cgroup/pod/inner/own/cpu.max"] = "700000 100000\n"
    assert available_cores(system(tmp_path, "0::/pod/inner/own", V2.format(root="/"), files)) == 3


def test_available_cores_in_a_container_reads_the_group_at_the_mount_point(tmp_path):
    """Without a namespace of its own, a container sees its path in the host's hierarchy, and of
    that only its part.
    """
    root = system(
        tmp_path, "4:cpu,cpuacct:/docker/abc", V1.format(root="/docker/abc"), v1("", 100_000)
    )
    assert available_cores(root) == 1


def test_available_cores_of_a_group_outside_the_mount_reads_the_mount_point(tmp_path):
    root = system(
        tmp_path, "0::/../other", V2.format(root="/"), {"sys/fs/cgroup/cpu.max": "400000 100000\n"}
    )
    assert available_cores(root) == 4


def test_available_cores_ignores_quotas_of_other_groups(tmp_path):
    root = system(
        tmp_path,
        "0::/mine",
        V2.format(root="/"),
        {"sys/fs/cgroup/other/cpu.max": "100000 100000\n"},
    )
    assert cpu_quotas(root) == [] and available_cores(root) == 8


@pytest.mark.parametrize(
    "group, mount", [("", ""), ("nonsense", "- - - -"), ("0::/a", "1 2 - cgroup2"), ("0:", V2)]
)
def test_available_cores_with_unreadable_files_counts_the_affinity(tmp_path, group, mount):
    root = system(tmp_path, group, mount, {"sys/fs/cgroup/a/cpu.max": "what\n"})
    assert available_cores(root) == 8
    assert available_cores(tmp_path / "nothing") == 8


def test_affinity_cores_without_affinity_counts_the_machine(monkeypatch):
    monkeypatch.delattr(os, "sched_getaffinity", raising=False)
    monkeypatch.setattr(os, "cpu_count", lambda: None)
    assert cores.affinity_cores() == 1
