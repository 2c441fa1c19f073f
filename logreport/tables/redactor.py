"""Names of people and machines out, stable placeholders in: `host-1`, `user-1`, `/home/user-1`, `mail-1`, `address-1`, `card-1`.

What is the same gets the same placeholder in everything that is written; numbers stay as they are.
"""

import functools
import ipaddress
import itertools
import re
from collections.abc import Callable, Iterable

from logreport.tables.secrets import HIDDEN

PLACEHOLDER = re.compile(r"(?:host|user|mail|address|card|serial)-[0-9]+")
# Who publishes code that everybody runs: no person.
PUBLISHERS = re.compile(
    r"(?i)(?:google|tensor|nvidia|nv|intel|amd|aws|microsoft|facebook|py)[\w\-]*|apache|baidu|bvlc|dmlc|horovod|huggingface|"
    r"keras(?:-team)?|kubeflow|mlcommons|mlperf|openai|rocm[\w\-]*|uber|orgs|topics|search|login|explore|models|datasets"
)
# Where the first folder of a path names who it belongs to.
FORGES = (
    r"(?:(?:www|gist|raw|api)\.)?github(?:usercontent)?\.com|gitlab\.[\w.\-]+|bitbucket\.org|codeberg\.org|huggingface\.co|hf\.co"
    r"|(?:www\.)?kaggle\.com|wandb\.ai|hub\.docker\.com"
)
# Names that are of no person and no private machine.
PUBLIC = re.compile(
    r"(?i)(?:localhost|root|git|(?:[\w\-]+\.)*(?:github(?:usercontent)?|gitlab|google|googleapis|nvidia|intel|wikipedia|anaconda)\.(?:com|org|io)"
    r"|(?:[\w\-]+\.)*(?:tensorflow|numpy|toronto)\.(?:org|edu)|(?:[\w\-]+\.)*toronto\.edu)"
)
# A user or host of this name is replaced where it is said to be one, and nowhere else.
ORDINARY = {
    "admin", "alexnet", "anaconda", "bench", "benchmark", "benchmarks", "build", "centos", "cifar", "cluster",
    "common", "conda", "compute", "containers", "cpu", "cuda", "data", "datasets", "debian", "desktop", "device",
    "docker", "envs", "eval", "forward", "gpu", "head", "home", "host", "imagenet", "images", "inception", "intel",
    "lib", "local", "log", "login", "logs", "main", "master", "mnist", "model", "models", "node", "none", "nvidia",
    "opt", "packages", "project", "projects", "python", "report", "resnet", "result", "results", "run", "runs",
    "scripts", "server", "shared", "site-packages", "software", "src", "step", "steps", "tensorflow", "test", "tmp",
    "tpu", "train", "training", "ubuntu", "user", "users", "usr", "var", "work", "worker", "workspace",
}  # fmt: skip
NOT_HOMES = {"shared", "public", "default", "linuxbrew"}

NAME = r"[A-Za-z0-9_](?:[\w.\-]*\w)?"
QUAD = r"(?:[0-9]{1,3}\.){3}[0-9]{1,3}"
HOSTS = rf"{NAME}(?::[0-9]+)?(?:,{NAME}(?::[0-9]+)?)*"
SAYS = re.compile(
    r"(?P<scheme>\b(?:git\+)?(?:https?|ftps?|grpcs?|hdfs|ssh|sftp|tcp|rsync|nfs|git|s3[an]?|gc?s|abfss?|wasbs?|adl|smb|ldap|redis|amqp"
    r"|mysql|mongodb(?:\+srv)?|postgres(?:ql)?|wss?)://)(?P<login>[^/\s@]+@)?(?P<site>[\w.\-]+)(?P<port>:[0-9]+)?"
    rf"(?:(?P<way>/(?:~|(?:home|homes|users?|u|people|members?|accounts?|repos|datasets|spaces|r)/)?)(?P<person>{NAME}))?"
    rf"|(?P<forge>(?<![\w.\-])(?:{FORGES})/(?:(?:datasets|spaces|users|u|r|repos)/)?)(?P<member>{NAME})"
    rf"|(?P<mac>(?<![\w:.\-])[0-9a-fA-F]{{2}}(?:(?::[0-9a-fA-F]{{2}}){{5,19}}|(?=[0-9\-]*[a-fA-F])(?:-[0-9a-fA-F]{{2}}){{5,7}})(?![\w:\-]))"
    rf"|(?<![\w%])(?P<account>[A-Za-z0-9_][\w.%+\-]{{0,63}}(?<=[\w%+\-]))@(?P<at>{NAME})(?P<prompt>:(?=[~/$#%>\w]))?"
    rf"(?:(?<=:)(?P<space>{NAME})(?=/))?"
    r"|(?P<home>(?:/home|/homes|/Users|/users|/user|\\Users|[A-Za-z]:/Users|(?i:(?:%2F|(?<![\w.\-/\\%~]))(?:home|homes|Users)(?=%2F|/)))"
    r"(?:[/\\]{1,2}|%2[Ff])|\bHOME=(?:/[\w.\-]+)*/)"
    r"(?P<owner>[^\\/:*?\"'<>|\r\n]+(?=\\)|[^\s/\\:;,*?\"'<>|()\[\]{}%]+)"
    r"|(?P<tilde>(?<![\w/~])~)(?P<tilded>[a-z_][\w\-]*)(?=/)"
    rf"|(?P<flag>(?:--?\w*hosts?|--?node_?list|--?master_addr)[= ]|\s-H )(?P<hosts>{HOSTS})"
    rf"|(?P<word>\b(?:[hH]ost ?name|(?:[A-Z]+_)*HOST(?:NAME)?|COMPUTERNAME|MASTER_ADDR|[A-Z]+_(?:JOB_)?NODE(?:LIST|NAME)|for host|"
    r"[nN]ode ?name)[ \t]*[:=][ \t]*|on this host \(|(?<=[0-9] )-> (?=[\w.\-]+:[0-9]{2,5}\b)|[\"'](?=[\w.\-]+:[0-9]{4,5}[\"'])"
    r"|(?:(?<=\s)|^)\[(?=[\w.\-]+:[0-9]{3,7}\])|\bssh (?:-\w+ )*(?=[\w.\-]+ (?:python|bash|sh |cd |mpirun|nvidia|[\"'])))"
    rf"(?P<named>{NAME})"
    rf"|(?P<key>\b(?:(?:[A-Z]+_)*(?:USER|LOGNAME|USERNAME|OWNER)|user|user_?name|login|owner)=[\"']?"
    r"|[\"'](?:user|user_?name|login|owner|author)[\"'][ \t]*:[ \t]*[\"']|\b[uU]ser(?: ?[nN]ame)?[ \t]*:[ \t]*(?=[A-Za-z_])"
    r"|\blogged in as |\b[ug]id=[0-9]+\(|(?<!\S)--?user(?:name)? |(?<!\S)-u[ =]?(?=[A-Za-z_])|\bssh (?:-\w+ )*-l )"
    rf"(?P<who>{NAME})"
    r"|(?P<card>(?<![\w\-])(?:GPU|MIG)-[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}(?![\w\-]))"
    rf"|(?P<quad>(?<![\w.\-])(?<!ersion )(?<!ersion: ){QUAD}(?![\w.\-]))"
    r"|(?P<six>(?<![\w:.])[0-9a-fA-F]{1,4}:[0-9a-fA-F:]++(?![\w:.]))"
    r"|(?P<local>(?<![\w.\-/])(?:ip(?:-[0-9]{1,3}){4}|[a-zA-Z0-9][\w\-]*(?=\.[\w.\-]*(?:local|lan|intranet|corp|localdomain|"
    r"edu|ac\.[a-z]{2}|ec2\.internal|c\.[\w\-]+\.internal)(?![\w.\-/])))(?:\.[\w\-]+)*)"
)


VERSION = re.compile(r"(?i)(?:version|release|driver|cudnn|cuda|tensorrt|nvinfer|nccl|mkl|rocm|hip)[\s:=]*\Z")


# Commands whose -u names no user.
NO_USER = re.compile(r"(?:python[\w.]*|pypy\d*|env|unset|srun|push|stdbuf|date|id|sort|set)(?:[ ]-\S+)*[ ]\Z")


class Redactor:
    """Replaces names by placeholders, numbered as they are first seen; a host's short name has that of the full one."""

    def __init__(self) -> None:
        self.placeholders: dict[tuple[str, str], str] = {}
        self.short: dict[str, str] = {}
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
        self.short = {
            name.partition(".")[0]: shown
            for (kind, name), shown in self.placeholders.items()
            if kind == "host" and "." in name and not PLACEHOLDER.search(name)
        }
        words: list[str] = []
        folders: list[str] = []
        known = [name for kind, name in self.placeholders if kind in ("host", "user")]
        for name in dict.fromkeys((*known, *self.short)):
            if name.lower() in ORDINARY or len(name) < 3 or not re.search("[A-Za-z]", name):
                continue
            is_word = re.search(r"[0-9_.\-]", name) or (name in self.short and len(name) > 3)
            (words if is_word else folders).append(name)
        parts = []
        if words:
            parts.append(
                rf"(?<![A-Za-z0-9.\-])(?P<name>{alternatives(words)})(?:(?![A-Za-z0-9\-])|(?=-[a-zA-Z]))"
                r"(?:(?:\.[\w\-]+)*\.(?:local|lan|internal|corp|com|org|net|edu|gov|example)(?![\w.\-]))?"
            )
        if folders:
            some = alternatives(folders)
            parts.append(
                rf"(?<=[/\\_])(?P<folder>{some})(?![A-Za-z0-9])|(?<![A-Za-z0-9])(?P<part>{some})(?=[_/\\]|[.\-]\w)"
                rf"|(?<=[A-Za-z0-9][.\-])(?P<tail>{some})(?=[._\-/\\]|$)|\b(?P<label>{some})(?= CPU)"
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
        """Replace a name that is known from elsewhere, with the domain behind it."""
        name = next(name for name in match.groups() if name is not None)
        found = (self.placeholders.get((kind, name)) for kind in ("host", "user"))
        return next(filter(None, found), None) or self.short.get(name) or match[0]

    def placeholder(self, kind: str, name: str) -> str:
        """The placeholder of a name; public names and placeholders stay."""
        if PUBLIC.fullmatch(name) or PLACEHOLDER.fullmatch(name):
            return name
        found = self.placeholders.get((kind, name))
        if found is None:
            numbers = itertools.count(1 + sum(k == kind for k, _ in self.placeholders))
            free = (shown for number in numbers if (shown := f"{kind}-{number}") not in self.taken)
            found = self.placeholders[kind, name] = next(free)
            self.taken.add(found)
        return found

    def replace(self, match: re.Match[str]) -> str:
        """Replace one match of SAYS by its kind."""
        return next(change(self, match) for name, change in CHANGES if match[name] is not None)

    def member(self, name: str) -> str:
        """Whose code it is: a person, or a publisher that everybody knows."""
        return name if PUBLISHERS.fullmatch(name) else self.placeholder("user", name)

    def host(self, name: str) -> str:
        """A host, which may be an address."""
        if (address := address_in(name)) is None:
            return self.placeholder("host", name) if re.search(r"[A-Za-z]", name) else name
        return name if address.is_loopback or address.is_unspecified else self.placeholder("address", name)


def alternatives(names: list[str]) -> str:
    """Names as a pattern, longer ones first."""
    return "|".join(re.escape(name) for name in sorted(names, key=len, reverse=True))


Change = Callable[[Redactor, re.Match[str]], str]


def of_url(redactor: Redactor, match: re.Match[str]) -> str:
    """A URL: who logs in, where, and whose folder it is."""
    login = (match["login"] or "")[:-1].partition(":")[0]
    login = login and (login if login.startswith(HIDDEN) else redactor.placeholder("user", login)) + "@"
    way, person = match["way"] or "", match["person"] or ""
    if person and re.fullmatch(FORGES, match["site"]):
        person = redactor.member(person)
    elif len(way) > 1:
        person = person if person.lower() in NOT_HOMES else redactor.placeholder("user", person)
    return match["scheme"] + login + redactor.host(match["site"]) + (match["port"] or "") + way + person


def of_account(redactor: Redactor, match: re.Match[str]) -> str:
    """An e-mail address, or who is logged in where: `user@host:~$`."""
    account, at, prompt, space = match["account"], match["at"], match["prompt"] or "", match["space"] or ""
    space = redactor.member(space) if space and account == "git" else space
    if not re.search(r"[A-Za-z]", at) and redactor.host(at) == at and not PLACEHOLDER.fullmatch(at):
        return match[0]
    if (
        not prompt
        and re.fullmatch(r"[\w\-]+(?:\.[\w\-]+)*\.[A-Za-z]{2,}", at)
        and not PUBLIC.fullmatch(account)
    ):
        return redactor.placeholder("mail", f"{account}@{at}".lower())
    return f"{redactor.placeholder('user', account)}@{redactor.host(at)}{prompt}{space}"


def of_key(redactor: Redactor, match: re.Match[str]) -> str:
    """Who runs it; behind `-u` that may be something else."""
    key, who = match["key"], match["who"]
    if key.strip(" =") == "-u" and (
        NO_USER.search(match.string, 0, match.start()) or who.endswith((".py", ".sh"))
    ):
        return match[0]
    return key + redactor.placeholder("user", who)


def of_home(redactor: Redactor, match: re.Match[str]) -> str:
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
    ("forge", lambda redactor, match: match["forge"] + redactor.member(match["member"])),
    ("mac", lambda redactor, match: redactor.placeholder("address", match["mac"].lower().replace("-", ":"))),
    ("account", of_account),
    ("home", of_home),
    ("tilde", lambda redactor, match: match["tilde"] + redactor.placeholder("user", match["tilded"])),
    ("flag", of_hosts),
    ("word", lambda redactor, match: match["word"] + redactor.host(match["named"])),
    ("key", of_key),
    ("card", lambda redactor, match: redactor.placeholder("card", match["card"])),
    ("quad", of_address),
    ("six", lambda redactor, match: redactor.host(match["six"]) if is_address(match["six"]) else match[0]),
    ("local", lambda redactor, match: redactor.host(match["local"])),
)


def is_address(text: str) -> bool:
    """Whether a text is an IPv6 address, and not a name of C++."""
    return text.count(":") > 2 and bool(re.search("[0-9]", text)) and address_in(text) is not None


def address_in(text: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    try:
        return ipaddress.ip_address(text)
    except ValueError:
        return None
