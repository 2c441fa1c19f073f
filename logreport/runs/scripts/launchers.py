"""How many processes a command line starts: what the launchers of clusters call their options, as data.

Sources: the manual pages of Open MPI, MPICH, Slurm, Flux, Horovod, jsrun, lrun, aprun and ibrun.
"""

import re
from typing import NamedTuple


class Launcher(NamedTuple):
    """The options of one launcher: of all processes, of groups of them (nodes), of the processes in each group.

    `slots`: whether a list of hosts (`a:4,b:4`) says by itself how many processes there are; `each` is how many a group
    has where nothing says it.
    """

    total: frozenset[str]
    groups: frozenset[str] = frozenset()
    in_each: frozenset[str] = frozenset()
    slots: bool = False
    each: int | None = None


def launcher(
    total: str, groups: str = "", in_each: str = "", *, slots: bool = False, each: int | None = None
) -> Launcher:
    """A launcher by its options, as its manual writes them."""
    return Launcher(
        frozenset(total.split()), frozenset(groups.split()), frozenset(in_each.split()), slots, each
    )


MPI = launcher("-np -n --np --n -c", "", "-npernode --npernode -N -ppn --ppn -perhost", slots=True)
HYDRA = MPI._replace(slots=False)
SLURM = launcher("-n --ntasks", "-N --nodes", "--ntasks-per-node --tasks-per-node")
LAUNCHERS = {
    "mpirun": MPI, "mpiexec": MPI, "orterun": MPI, "prun": MPI, "mpirun.openmpi": MPI, "mpiexec.openmpi": MPI,
    "mpiexec.hydra": HYDRA, "mpirun.mpich": HYDRA, "mpiexec.mpich": HYDRA, "mpirun_rsh": HYDRA, "mpiexec_mpt": HYDRA,
    "horovodrun": launcher("-np -n --num-proc", slots=True),
    "srun": SLURM, "yhrun": SLURM, "ccc_mprun": SLURM,
    "flux": launcher("-n --ntasks", "-N --nodes", "--tasks-per-node"),
    # Groups are resource sets, which hold one process each where nothing else is said.
    "jsrun": launcher("-p --np", "-n --nrs", "-a --tasks_per_rs", each=1),
    "lrun": launcher("-n", "-N", "-T"),
    "aprun": launcher("-n --pes"),
    "ibrun": launcher("-n -np"),
}  # fmt: skip
# Behind one of these the options are not the launcher's any more.
PROGRAMS = re.compile(
    r"(?:nvidia-)?docker|podman|singularity|apptainer|shifter|ch-run|enroot|numactl|taskset|nsys|nvprof|env|bash|sh|sudo"
    r"|python[0-9.]*"
)
BETWEEN = re.compile(r"(?:&&|\|\|?|;|&)$")  # a statement ends
OPTION = re.compile(r"(--?[A-Za-z][\w\-]*?)(?:=(.*)|([0-9]+))?")
HOSTS = frozenset(("-H", "-host", "--host", "--hosts", "-hosts"))
PER_NODE = re.compile(r"ppr:([0-9]+):node")
NUMBER = re.compile(r"[0-9]{1,6}")


def processes(command: str, scripts: re.Pattern[str]) -> int | None:
    """The number of processes that a launcher in a command starts of a script; None where it does not say.

    Args:
        command: a command line.
        scripts: finds the word that is the script.
    """
    found: Launcher | None = None
    options: dict[str, str] = {}
    words = [word.strip("`'\"()") for word in command.replace("\\\n", " ").split()]
    ours = next((place for place, word in enumerate(words) if scripts.search(word)), len(words))
    if ":" in words[ours:]:  # several programs in one job
        return None
    for place, word in enumerate(words[:ours]):
        named = LAUNCHERS.get(word.rpartition("/")[2].lstrip("$#%>"))
        if named is not None or BETWEEN.search(word):
            found, options = named, {}
        elif found is not None and PROGRAMS.fullmatch(word.rpartition("/")[2]):
            break
        elif found is not None and (match := OPTION.fullmatch(word)):
            after = words[place + 1] if place + 1 < ours else ""
            options[match[1]] = next((value for value in match.groups()[1:] if value is not None), after)
    return None if found is None else told(found, options)


def told(launcher: Launcher, options: dict[str, str]) -> int | None:
    """The number of processes that options tell: of all, else groups by their size, else the slots of the hosts."""
    if not launcher.total.isdisjoint(options):
        return number(options, launcher.total)
    hosts = next((options[name].split(",") for name in HOSTS if name in options), [])
    groups = number(options, launcher.groups) or len({host.partition(":")[0] for host in hosts})
    mapped = next(
        (PER_NODE.fullmatch(options[name]) for name in ("-map-by", "--map-by") if name in options), None
    )
    each = number(options, launcher.in_each) or (int(mapped[1]) if mapped else None)
    if groups and (each or launcher.each):
        return groups * (each or launcher.each or 1)
    slots = [host.partition(":")[2] or "1" for host in hosts]
    if launcher.slots and slots and all(map(NUMBER.fullmatch, slots)):
        return sum(map(int, slots))
    return None


def number(options: dict[str, str], names: frozenset[str]) -> int | None:
    """The number that one of several options gives; None where it is a variable or a range."""
    return (
        next((int(options[name]) for name in names if NUMBER.fullmatch(options.get(name, ""))), None) or None
    )
