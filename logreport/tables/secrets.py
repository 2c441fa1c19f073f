"""Passwords, keys and tokens out of every text that is kept in tables or shown: `*****` stands for them.

A secret is known by its name (`--api_key=…`, `WANDB_API_KEY=…`, `"password": "…"`), by its place (the login of a URL, a
header, a command that logs in) or by its shape (keys of AWS, tokens of GitHub). Numbers and words are none by shape.
"""

import re
from collections.abc import Callable, MutableSequence, Sequence
from functools import lru_cache
from typing import Any

from logreport.tables.tables import texts_changed

HIDDEN = "*****"
SHORT = 2000  # characters of a text that is worth remembering
# A text without any of these, in small letters, holds no secret: most texts are done with this look.
HINTS = (
    "pass", "pwd", "secret", "token", "key", "auth", "credential", "cookie", "login", "bearer", "://", "sig=",
    "-u", "user", "akia", "asia", "aroa", "aida", "ghp_", "gho_", "ghu_", "ghs_", "ghr_", "github_pat_", "glpat-", "hf_",
    "api_org_", "xox", "xapp-", "sk-", "k_live_", "k_test_", "aiza", "ya29.", "gocspx-", "npm_", "pypi-", "sg.",
    "dapi", "eyj", "hooks.slack", "webhooks/", "mysql", "identified by",
)  # fmt: skip

# Patterns of secrets stay texts until a text may hold one.
# A value, in quotes or as a word.
VALUE = (
    r"""(?:(?P<quote>\\?["'])(?P<quoted>(?:(?!(?P=quote))[^\r\n])*+)(?P=quote)"""
    r"""|(?P<bare>(?:\\.|,(?=[^\s,])|[^\s"'`\\,;&|<>(){}\[\]])++))"""
)
SHAPES = (
    r"(?<![A-Za-z0-9])(?:"
    r"(?:AKIA|ASIA|ABIA|ACCA|AROA|AIDA|AGPA|ANPA)[A-Z0-9]{12,}+(?![a-z])"
    r"|gh[pousr]_[A-Za-z0-9_]{10,}|github_pat_\w{10,}|gl[a-z]{2,4}-[\w\-]{10,}"
    r"|hf_[A-Za-z0-9]{16,}|api_org_[A-Za-z0-9]{16,}"
    r"|xox[a-z]-[\w\-]{8,}|xapp-[\w\-]{8,}"
    r"|sk-(?=[A-Za-z_\-]{0,80}[0-9])[\w\-]{16,}|[prs]k_(?:live|test)_\w{8,}"
    r"|AIza[\w\-]{20,}|ya29\.[\w\-.]{16,}|GOCSPX-[\w\-]{10,}"
    r"|npm_[A-Za-z0-9]{20,}|pypi-[\w\-]{30,}|SG\.[\w\-]{10,}\.[\w\-]{10,}|dapi[0-9a-f]{32}"
    r"|eyJ[\w\-]{8,}+(?:\.[\w\-]{4,}+){1,2}"
    r")"
    r"|(?<=hooks\.slack\.com/services/)[\w/\-]+|(?<=/api/webhooks/)[\w/\-]+"
    r"|-----BEGIN [A-Z ]{0,30}PRIVATE KEY-----[\s\S]*?(?:-----END [A-Z ]{0,30}PRIVATE KEY-----|\Z)"
)
LOGIN = (
    r"(?<![\w+.\-])(?P<before>[a-zA-Z][\w+.\-]*+://)(?P<user>[^\s/:@\"'<>]*+)"
    r"(?P<password>:(?![0-9]{1,5}[/?])(?:[^\s/]{0,256}|[^\s\"'<>@]{0,256}))?@(?=[\w\[])"
)
HEADER = (
    r"(?i)(?P<before>\b(?:(?:proxy-)?authorization|(?:set-)?cookie)\\?[\"']?[ \t]*[:=][ \t]*\\?[\"']?)"
    r"(?P<value>[^\s\"'\\][^\"'\r\n\\]*)"
    r"|(?P<bearer>\bbearer[ \t]+)(?P<borne>(?=[A-Za-z_\-.]{0,80}[0-9])[\w.~+/\-]{8,}=*)"
)
PARAMETER = (
    r"(?i)(?P<before>[?&;](?:(?:x-(?:amz|goog)-)?(?:signature|credential|security-token)|sig|key|code|auth|pwd?"
    r"|awsaccesskeyid|googleaccessid)=)(?P<value>[^\s&\"'<>#]+)"
)
SIGNING = (
    r"(?i)\b(?P<before>wandb[ .]login\b[^\w\r\n]{0,3}(?:--relogin )?(?:key ?= ?)?"
    r"|login \S{1,80} password |identified by "
    r"|(?:sshpass|smbclient|htpasswd|redis-cli|(?:docker|podman|buildah|skopeo|az|oc|nerdctl) login|helm registry login)\b"
    r"[^|;&\r\n]{0,200}?\s-[paw][ =]?"
    r"|(?:mysql|mariadb)\w*[ ][^|;&\r\n]{0,200}?(?<=\s)-p(?=\S)"
    r"|(?:pass(?:word|wd|phrase|code)|secret|(?:api|access|auth|secret|private|bearer|security|session|licen[cs]e|wandb)[ _\-]?"
    r"(?:key|token|password))(?:(?:[ ]is[ ]|[ ]was[ ]|[ ]?[:=])[ ]*|[ ](?=\\?[\"']|(?=[\w\-]{0,80}[0-9])[\w\-]{8})))"
    + VALUE
)
USER = (
    r"(?P<before>(?<!\S)(?:--(?:proxy-)?user(?:[= ]\\?[\"']?)|-[uU][ =]?\\?[\"']?)(?P<user>[^\s:\"'\\/@]{1,80}):)"
    r"(?P<value>[^\s\"'\\]+)"
)
NAMED = (
    r"(?<![\w.\-])(?P<name>-{0,2}(?=[\w.\-]*?(?i:pass|pwd|secret|token|key|auth|credential|cookie))"
    rf"[A-Za-z_][\w.\-]*+)(?P<close>\\?[\"']?\]?)(?P<sep>[ \t]*+(?:=>|:=|=|:(?!:))[ \t]*+|[ \t]++(?!-)|,[ \t]*+(?=\\?[\"'](?!-))){VALUE}"
)

WORDS = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|[0-9]+")
STRONG = re.compile(
    "password|passwd|passphrase|passcode|secret|credential|apikey|accesskey|authkey|authtoken|accesstoken|privatekey"
    "|sessionkey|masterkey|accountkey|licensekey|licencekey"
)
# Names that end so say something about a secret, and are none.
ABOUT = {
    "file", "path", "dir", "directory", "folder", "name", "names", "type", "types", "count", "num", "size", "len", "length",
    "limit", "dim", "url", "uri", "env", "var", "variable", "ids", "ttl", "expiry", "timeout", "policy", "version", "index",
    "prefix", "suffix", "column", "field", "order", "mode", "format", "rate", "second", "provider", "method", "manager",
}  # fmt: skip
# Tokens and keys of data and models.
OF_DATA = {
    "pad", "eos", "bos", "unk", "mask", "cls", "sep", "sos", "start", "end", "stop", "special", "next", "prev", "max", "min",
    "num", "per", "first", "last", "new", "input", "output", "image", "word", "text", "primary", "sort", "partition", "foreign",
    "public", "group", "rng", "prng", "random", "cache", "dict", "feature", "label", "loss", "metric", "dataset", "index",
    "hash", "join", "map", "query", "attention", "prompt", "tensor", "missing", "any", "hot", "key", "value", "checkpoint",
}  # fmt: skip
OF_SERVICES = {
    "wandb", "ssh", "aws", "gcp", "gcs", "s3", "azure", "openai", "comet", "neptune", "hf", "github", "gitlab", "slack", "service",
    "encryption", "signing", "deploy", "storage", "admin", "client",
}  # fmt: skip
OF_PASSES = {"forward", "backward", "num", "one", "by", "first", "second", "multi", "single", "low", "high"}
NOTHING = re.compile(
    r"(?i)\**|none|null|nil|true|false|yes|no|on|off|auto|default|required|missing|invalid|\(?null\)?"
)
A_VARIABLE = re.compile(r"\$(?:\{?[A-Za-z_]\w*\}?|\(.*)?|\{\{?.*|%\w+%")


@lru_cache(maxsize=4096)
def weight(name: str) -> int:
    """How surely a name is that of a secret: 2 whatever its value, 1 where that looks like one, 0 not at all."""
    words = [word.lower() for word in WORDS.findall(name)]
    last, before, joined = (words or [""])[-1], (words or [""])[-2:-1], "".join(words)
    of_data, alone = bool(OF_DATA.intersection(before)), not before
    ends_in_pass = last in ("pass", "sshpass", "dbpass") and not OF_PASSES.intersection(before)
    rules = (
        (joined.endswith(("accesskeyid", "awskeyid")), 2),
        (last in ABOUT, 0),
        (STRONG.search(joined), 2),
        ("pwd" in words, 0 if name in ("PWD", "OLDPWD") else 2),
        (ends_in_pass, 2 if name.startswith("-") or name.isupper() or not alone else 0),
        (last in ("token", "cookie", "key") and of_data, 0),
        (last == "key" and alone and not name.isupper(), 0),
        (last == "token" and alone and not (name.startswith("-") or name.isupper()), 1),
        (last in ("token", "cookie") or ("token" in words and name.isupper()), 2),
        (last == "key", 2 if (name.isupper() and not alone) or OF_SERVICES.intersection(before) else 1),
        (last in ("auth", "bearer"), 1),
    )
    return next((found for holds, found in rules if holds), 0)


def is_secret(name: str, value: str) -> bool:
    """Whether a value is a secret because of its name."""
    found = weight(name)
    if not found or NOTHING.fullmatch(value) or A_VARIABLE.fullmatch(value) or value.startswith(HIDDEN):
        return False
    if found == 2:
        return bool(STRONG.search(re.sub("[^a-z]", "", name.lower()))) or not re.fullmatch(
            r"[0-9.,+\-]{1,6}", value
        )
    if re.fullmatch(r"[0-9.,+\-]+", value):
        return False
    mixed = re.search("[0-9:]", value) is not None
    return len(value) >= (6 if mixed else 8) and (mixed or name.lower().endswith("token"))


def may_hold(text: str) -> bool:
    """Whether a text can hold a secret at all."""
    low = text.lower()
    return any(hint in low for hint in HINTS)


def hidden(text: str) -> str:
    """A text without secrets; doing it again changes nothing."""
    if not may_hold(text):
        return text
    return substituted(text) if len(text) <= SHORT else substituted.__wrapped__(text)


@lru_cache(maxsize=4096)
def substituted(text: str) -> str:
    for pattern, change in CHANGES:
        text = re.sub(pattern, change, text)
    return text


def hidden_value(name: str, value: str) -> str:
    """The value of something that has a name: a tag, a variable, a field."""
    return HIDDEN if is_secret(name, value) else hidden(value)


def hidden_words(words: Sequence[str]) -> tuple[str, ...]:
    """The words of a command without secrets: each may be the value of the flag before it."""
    flags = ("", *(word if word.startswith("-") and "=" not in word else "" for word in words))
    return tuple(hidden_value(flag, word) for flag, word in zip(flags, words, strict=False))


def hidden_name(source: str) -> str:
    """The name of a source without secrets; its folders and its ending, which says how it is read, stay."""
    if not may_hold(source):
        return source
    if "://" in source:
        source = re.sub(PARAMETER, lambda match: match["before"] + HIDDEN, re.sub(LOGIN, of_login, source))
    return "".join(map(hidden_part, re.split(r"([/\\!]|#[0-9]+$)", source)))


def hidden_part(part: str) -> str:
    """A folder or a file of a path."""
    head, dot, ending = part.rpartition(".")
    return hidden(head) + dot + ending if dot and re.fullmatch(r"[A-Za-z]\w{0,7}", ending) else hidden(part)


def hidden_fields(fields: dict[str, Any]) -> dict[str, Any]:
    """The fields of a record without secrets; a field `value` is named by the field `key`."""
    key = fields.get("key")
    names = {"value": key} if isinstance(key, str) else {}
    return texts_changed(fields, lambda name, value: hidden_value(names.get(name, name), value))


def without_secrets(records: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Records without secrets, in place; where none can be, which one look says, nothing is done."""
    fields = [record["fields"] for record in records]
    names = set[str]().union(*fields)
    texts = [value for own in fields for value in own.values() if value.__class__ is str]
    if any(map(weight, names)) or may_hold("\n".join(texts)):
        for record in records:
            record["fields"] = hidden_fields(record["fields"])
    return records


def hide_columns(columns: Sequence[MutableSequence[Any]], hide: Callable[[str], str]) -> None:
    """Take the secrets out of columns of texts, in place; each text is looked at once, where one look says that any can hold one."""
    texts = [text for text in set[Any]().union(*columns) if isinstance(text, str)]
    if not may_hold("\n".join(texts)):
        return
    changes = {text: shown for text in texts if (shown := hide(text)) != text}
    for values in columns if changes else ():
        values[:] = [changes.get(value, value) for value in values]


Change = Callable[[re.Match[str]], str]


def of_login(match: re.Match[str]) -> str:
    """A URL with a password, or with a token in the place of a name."""
    before, user, password = match["before"], match["user"], match["password"]
    if password is not None:
        return f"{before}{user}:{HIDDEN if len(password) > 1 else ''}@"
    token = len(user) >= 20 and re.search("[0-9]", user)
    return f"{before}{HIDDEN}@" if token else match[0]


def of_header(match: re.Match[str]) -> str:
    """What stands behind the name of a header."""
    if match["bearer"] is not None:
        return match["bearer"] + HIDDEN
    return match[0] if NOTHING.fullmatch(match["value"].strip()) else match["before"] + HIDDEN


def of_user(match: re.Match[str]) -> str:
    """`-u name:password`; numbers are those of a user and a group."""
    both = match["user"] + match["value"]
    return match[0] if both.isdigit() or "$" in both else match["before"] + HIDDEN


def of_signing(match: re.Match[str]) -> str:
    """A password that is said, or given to a command that logs in."""
    value = value_of(match)
    if NOTHING.fullmatch(value) or A_VARIABLE.fullmatch(value) or value.startswith((HIDDEN, "-")):
        return match[0]
    return match["before"] + in_quotes(match)


def of_named(match: re.Match[str]) -> str:
    """A value behind its name: with `=` or `:`, and behind a flag."""
    name, sep, value = match["name"], match["sep"], value_of(match)
    given = name.startswith("-") or match.string.endswith("setenv ", 0, match.start())
    if not sep.strip(" \t,") and not (given and bool(match["close"]) is ("," in sep)):
        return match[0]
    return f"{name}{match['close']}{sep}{in_quotes(match)}" if is_secret(name, value) else inner(match, value)


def inner(match: re.Match[str], value: str) -> str:
    """A value whose name says nothing is a text that may hold secrets of its own."""
    if match["quoted"] is None:
        return match[0]
    quote = match["quote"]
    return f"{match['name']}{match['close']}{match['sep']}{quote}{re.sub(NAMED, of_named, value)}{quote}"


def value_of(match: re.Match[str]) -> str:
    return match["bare"] if match["quoted"] is None else match["quoted"]


def in_quotes(match: re.Match[str]) -> str:
    quote = match["quote"] or ""
    return f"{quote}{HIDDEN}{quote}"


CHANGES: tuple[tuple[str, Change], ...] = (
    (LOGIN, of_login),
    (HEADER, of_header),
    (PARAMETER, lambda match: match["before"] + HIDDEN),
    (SHAPES, lambda _: HIDDEN),
    (SIGNING, of_signing),
    (USER, of_user),
    (NAMED, of_named),
)
