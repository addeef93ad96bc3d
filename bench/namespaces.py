"""Commands that start ranks: on this machine, or on two network namespaces of it with a slow link
between them.
"""

import os
import shutil
import stat
import subprocess
import sys
from contextlib import contextmanager
from pathlib import Path

SPACES = ("fastw2v-0", "fastw2v-1")
ADDRESSES = ("10.231.7.1", "10.231.7.2")
DEVICES = ("fastw2v0", "fastw2v1")
AGENT = f"""#!/bin/sh
host=$1
shift
exec ip netns exec {SPACES[1]} unshare --uts sh -c "hostname $host; $*"
"""


def mpiexec(ranks, *options):
    """The beginning of a command that starts so many ranks here, by the mpiexec of this
    environment.
    """
    found = Path(sys.executable).with_name("mpiexec")
    always = [
        "--allow-run-as-root",
        "--mca",
        "mpi_yield_when_idle",
        "1",
        *(options or ["--oversubscribe"]),
    ]
    return [str(found if found.exists() else shutil.which("mpiexec")), *always, "-n", str(ranks)]


def environment():
    """The environment of a job: one thread for what NumPy does by itself."""
    return {**os.environ, "OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}


@contextmanager
def linked(mbits, folder):
    """The beginning of a command that starts two ranks, each on a machine of its own, so many
    Mbit/s apart each way.
    """
    agent = Path(folder, "agent")
    agent.write_text(AGENT, encoding="utf8")
    agent.chmod(agent.stat().st_mode | stat.S_IXUSR)
    try:
        for space in SPACES:
            _ip("netns", "add", space)
        _ip(
            "link",
            "add",
            DEVICES[0],
            "netns",
            SPACES[0],
            "type",
            "veth",
            "peer",
            "name",
            DEVICES[1],
            "netns",
            SPACES[1],
        )
        for space, device, address in zip(SPACES, DEVICES, ADDRESSES, strict=True):
            _ip("-n", space, "link", "set", "lo", "up")
            _ip("-n", space, "addr", "add", f"{address}/24", "dev", device)
            _ip("-n", space, "link", "set", device, "up")
            limit = ["rate", f"{mbits}mbit", "burst", "256kb", "latency", "50ms"]
            _ip("netns", "exec", space, "tc", "qdisc", "add", "dev", device, "root", "tbf", *limit)
        hosts = ",".join(f"{address}:1" for address in ADDRESSES)
        network = [
            "--mca",
            "pml",
            "ob1",
            "--mca",
            "btl",
            "tcp,self",
            "--mca",
            "btl_tcp_if_include",
            f"{ADDRESSES[0]}/24",
        ]
        start = mpiexec(2, "--prtemca", "plm_ssh_agent", str(agent), "--host", hosts, *network)
        yield [
            "ip",
            "netns",
            "exec",
            SPACES[0],
            *start,
            "-x",
            "PYTHONPATH",
            "-x",
            "OMP_NUM_THREADS",
        ]
    finally:
        for space in SPACES:
            subprocess.run(["ip", "netns", "delete", space], capture_output=True)


def _ip(*arguments):
    subprocess.run(["ip", *arguments], check=True, capture_output=True)
