"""Names of people and machines out, stable placeholders in: `host-1`, `user-1`, `/home/user-1`, `mail-1`, `address-1`.

What is the same gets the same placeholder in everything that is written; numbers stay as they are.
"""

import functools
import ipaddress
import itertools
import re
from collections.abc import Callable, Iterable

PLACEHOLDER = re.compile(r"(?:host|user|mail|address)-[0-9]+")
# Names that are of no person and no private machine.
PUBLIC = re.compile(
    r"(?i)(?:localhost|root|git|(?:[\w\-]+\.)*(?:github(?:usercontent)?|gitlab|google|googleapis|nvidia|intel|wikipedia|anaconda)\.(?:com|org|io)"
    r"|(?:[\w\-]+\.)*(?:tensorflow|numpy|toronto)\.(?:org|edu)|(?:[\w\-]+\.)*toronto\.edu)"
)
ORDINARY = {
    "anaconda",
    "benchmarks",
    "build",
    "cluster",
    "common",
    "conda",
    "containers",
    "data",
    "datasets",
    "desktop",
    "envs",
    "home",
    "lib",
    "local",
    "logs",
    "master",
    "models",
    "node",
    "opt",
    "packages",
    "project",
    "projects",
    "python",
    "scripts",
    "server",
    "shared",
    "site-packages",
    "software",
    "src",
    "tensorflow",
    "test",
    "tmp",
    "train",
    "usr",
    "var",
    "work",
    "worker",
    "workspace",
}  # fmt: skip - a user or host of this name is replaced where it is said to be one, and nowhere else
NOT_HOMES = {"shared", "public", "default", "linuxbrew"}

_NAME = r"[A-Za-z0-9_](?:[\w.\-]*\w)?"
_QUAD = r"(?:[0-9]{1,3}\.){3}[0-9]{1,3}"
_HOSTS = rf"{_NAME}(?::[0-9]+)?(?:,{_NAME}(?::[0-9]+)?)*"
SAYS = re.compile(
    r"(?P<scheme>\b(?:https?|ftp|grpcs?|hdfs|ssh|sftp|tcp|rsync|nfs)://)(?P<login>[^/\s@]+@)?(?P<site>[\w.\-]+)"
    rf"|(?P<account>[A-Za-z0-9_](?:[\w.%+\-]*[\w%+\-])?)@(?P<at>{_NAME})(?P<prompt>:(?=[~/$#%>\w]))?"
    r"|(?P<home>(?:/home|/homes|/Users|/users|\\Users|[A-Za-z]:/Users)[/\\]{1,2})"
    r"(?P<owner>[^\\/:*?\"'<>|\r\n]+(?=\\)|[^\s/\\:;,*?\"'<>|()\[\]{}]+)"
    r"|(?P<tilde>(?<![\w/~])~)(?P<tilded>[a-z_][\w\-]*)(?=/)"
    rf"|(?P<flag>--?\w*hosts?[= ]|\s-H )(?P<hosts>{_HOSTS})"
    rf"|(?P<word>\b(?:[hH]ost ?name|HOSTNAME|for host|[nN]ode ?name)[ \t]*[:=][ \t]*|on this host \()(?P<named>{_NAME})"
    rf"|(?P<key>\b(?:USER|LOGNAME|USERNAME|user|username|login)=)(?P<who>{_NAME})"
    rf"|(?P<quad>(?<![\w.\-])(?<!ersion )(?<!ersion: ){_QUAD}(?![\w.\-]))"
    r"|(?P<six>(?<![\w:.])(?:[0-9a-fA-F]{1,4}:){1,7}(?::|[0-9a-fA-F]{1,4})(?::?[0-9a-fA-F]{1,4})*(?![\w:.]))"
    r"|(?P<local>(?<![\w.\-/])(?:ip(?:-[0-9]{1,3}){4}|[a-zA-Z0-9][\w\-]*(?=\.[\w.\-]*(?:local|lan|intranet|corp|localdomain|"
    r"edu|ac\.[a-z]{2}|ec2\.internal|c\.[\w\-]+\.internal)(?![\w.\-/])))(?:\.[\w\-]+)*)"
)


VERSION = re.compile(r"(?i)(?:version|release|driver|cudnn|cuda|tensorrt|nvinfer|nccl|mkl|rocm|hip)[\s:=]*\Z")


class Redactor:
    """Replaces names by placeholders, numbered in the order in which they are first seen."""

    def __init__(self) -> None:
        self.placeholders: dict[tuple[str, str], str] = {}
        self.taken: set[str] = set()
        self.known: re.Pattern[str] | None = None
        self.text = functools.cache(self.redacted)

    def learn(self, texts: Iterable[str]) -> None:
        """Give every name in these texts its placeholder, so that it is known wherever it stands later."""
        texts = list(dict.fromkeys(texts))
        self.taken.update(itertools.chain.from_iterable(PLACEHOLDER.findall(text) for text in texts))
        for text in texts:
            self.by_pattern(text)
        self.know()

    def know(self) -> None:
        """Make one pattern of all names that are told apart from words: by themselves, or as a folder of a path."""
        words: list[str] = []
        folders: list[str] = []
        for kind, name in self.placeholders:
            if kind not in ("host", "user") or name.lower() in ORDINARY or len(name) < 3:
                continue
            (words if re.search(r"[0-9_.\-]", name) and re.search(r"[A-Za-z]", name) else folders).append(
                name
            )
        parts = []
        if words:
            parts.append(rf"(?<![\w.\-])(?P<name>{alternatives(words)})(?![\w\-])")
        if folders:
            parts.append(
                rf"(?<=[/\\])(?P<folder>{alternatives(folders)})(?=[/\\]|$)|\b(?P<label>{alternatives(folders)})(?= CPU)"
            )
        self.known = re.compile("|".join(parts)) if parts else None
        self.text.cache_clear()

    def redacted(self, text: str) -> str:
        """A text without names; what is left names nothing, so that doing it again changes nothing."""
        for _ in range(len(text) + 1):
            new = self.by_pattern(text)
            if self.known is not None:
                new = self.known.sub(self.by_name, new)
            if new == text:
                break
            text = new
        return text

    def by_pattern(self, text: str) -> str:
        """Replace what a text itself says to be a name."""
        if re.fullmatch(r"[0-9.:\-+ ]*", text):
            return text  # a number, a version, a time
        return SAYS.sub(self.replace, text)

    def by_name(self, match: re.Match[str]) -> str:
        """Replace a name that is known from elsewhere."""
        name = match[0]
        return self.placeholders.get(("host", name)) or self.placeholders.get(("user", name)) or name

    def placeholder(self, kind: str, name: str) -> str:
        """The placeholder of a name; public names and placeholders stay."""
        if PUBLIC.fullmatch(name) or PLACEHOLDER.fullmatch(name):
            return name
        found = self.placeholders.get((kind, name))
        if found is None:
            number = next(
                n
                for n in itertools.count(1 + sum(k == kind for k, _ in self.placeholders))
                if f"{kind}-{n}" not in self.taken
            )
            found = self.placeholders[kind, name] = f"{kind}-{number}"
            self.taken.add(found)
        return found

    def replace(self, match: re.Match[str]) -> str:
        """Replace one match of SAYS by its kind."""
        return next(change(self, match) for name, change in CHANGES if match[name] is not None)

    def host(self, name: str) -> str:
        """A host, which may be an address."""
        try:
            address = ipaddress.ip_address(name)
        except ValueError:
            return self.placeholder("host", name) if re.search(r"[A-Za-z]", name) else name
        return name if address.is_loopback or address.is_unspecified else self.placeholder("address", name)


def alternatives(names: list[str]) -> str:
    """Names as a pattern, longer ones first."""
    return "|".join(re.escape(name) for name in sorted(names, key=len, reverse=True))


Change = Callable[[Redactor, re.Match[str]], str]


def of_url(redactor: Redactor, match: re.Match[str]) -> str:
    """A URL: who logs in, and where."""
    login = (
        redactor.placeholder("user", match["login"][:-1].partition(":")[0]) + "@" if match["login"] else ""
    )
    return match["scheme"] + login + redactor.host(match["site"])


def of_account(redactor: Redactor, match: re.Match[str]) -> str:
    """An e-mail address, or who is logged in where: `user@host:~$`."""
    account, at, prompt = match["account"], match["at"], match["prompt"] or ""
    if not re.search(r"[A-Za-z]", at) and redactor.host(at) == at and not PLACEHOLDER.fullmatch(at):
        return match[0]
    if (
        not prompt
        and re.fullmatch(r"[\w\-]+(?:\.[\w\-]+)*\.[A-Za-z]{2,}", at)
        and not PUBLIC.fullmatch(account)
    ):
        return redactor.placeholder("mail", f"{account}@{at}".lower())
    return f"{redactor.placeholder('user', account)}@{redactor.host(at)}{prompt}"


def of_home(redactor: Redactor, match: re.Match[str]) -> str:
    """A home folder."""
    owner = match["owner"]
    return match["home"] + (owner if owner.lower() in NOT_HOMES else redactor.placeholder("user", owner))


def of_hosts(redactor: Redactor, match: re.Match[str]) -> str:
    """A list of hosts with ports, of a flag."""
    named = [host.partition(":") for host in match["hosts"].split(",")]
    return match["flag"] + ",".join(redactor.host(name) + colon + port for name, colon, port in named)


def of_address(redactor: Redactor, match: re.Match[str]) -> str:
    """An address of the network; a version of four numbers stays."""
    return match[0] if VERSION.search(match.string, 0, match.start()) else redactor.host(match[0])


CHANGES: tuple[tuple[str, Change], ...] = (
    ("scheme", of_url),
    ("account", of_account),
    ("home", of_home),
    ("tilde", lambda redactor, match: match["tilde"] + redactor.placeholder("user", match["tilded"])),
    ("flag", of_hosts),
    ("word", lambda redactor, match: match["word"] + redactor.host(match["named"])),
    ("key", lambda redactor, match: match["key"] + redactor.placeholder("user", match["who"])),
    ("quad", of_address),
    ("six", lambda redactor, match: redactor.host(match["six"]) if is_address(match["six"]) else match[0]),
    ("local", lambda redactor, match: redactor.host(match["local"])),
)


def is_address(text: str) -> bool:
    """Whether a text is an IPv6 address, and not a name of C++."""
    if text.count(":") < 3 or not re.search("[0-9]", text):
        return False
    try:
        ipaddress.ip_address(text)
    except ValueError:
        return False
    return True
