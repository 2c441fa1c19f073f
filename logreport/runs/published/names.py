"""Names of networks, devices and precisions in running text: only those that are known, so that no other word is one."""

import html
import re
from collections.abc import Collection
from typing import TypeVar

from logreport.runs.published.languages import in_english
from logreport.runs.scripts.common import spelled

MODEL = re.compile(
    r"(?<![A-Za-z0-9])(?:(?:faster|mask)[-_ ]?(?=r-?cnn)|(?:wide|distil|ro|al|se|tiny|3d)[-_ ]?)?"
    r"(?:inception[-_ ]?resnet|resnet|resnext|inception|googlenet|alexnet|caffenet|vgg(?:net)?|mobilenet|densenet|lenet"
    r"|nasnet|xception|efficient[nd]et|squeezenet|shufflenet|convnext|overfeat|bert|berta|electra|gpt|deepspeech|gnmt|(?:nn)?u-?net|r-?cnn"
    r"|r-?fcn|ssd(?=[-_ ]?\d{3})|yolo|transformer|lstm|vit(?=[-_ ]?[bslh]\b))"
    r"(?:[-_ ]?(?:large|base|small|tiny|xl(?![A-Za-z0-9])|[bd][0-7](?![A-Za-z0-9])))?(?:[-_ ]?v\d(?:\.\d)?(?=[-_ ]\d{2,4}))?"
    r"(?:(?<=squeezenet)1[._][01]|[-_ ]?v?\d{1,4}(?!\.\d))?(?:[-_ ]?v\d(?:\.\d)?)?(?:[-_ ]b\d(?![A-Za-z0-9])|(?<=v2)[-_][sml](?![A-Za-z0-9])|_\d{1,2}x\d{1,2}d|[-_]bn)?"
    r"(?![A-Za-z0-9]|-(?:style|like|based)\b)",
    re.IGNORECASE,
)
SETS = re.compile(r"(cifar-?100?|mnist|imagenet)(?:\s+(?:benchmarks?|results?))?", re.IGNORECASE)
DEVICE = re.compile(
    r"(?:(?<![A-Za-z0-9.])|(?<=\d[x×]))(?:(?:nvidia|amd|intel|apple|google|geforce|tesla)\s+(?!\d)){0,4}"
    r"(?:(?:gtx|rtx|gt)\s?(?:titan(?:\s(?:x|z|black))?|\d{3,4}m?)(?:\s?ti)?(?:\s(?:super|max-q))?"
    r"|\d{3,4}\s?ti(?:\ssuper)?"
    r"|titan(?:\s(?:xp|x|v|rtx|z|black))?"
    r"|[vahgb]\d00|gh200|[ap]40|p10[246]-\d{2,3}|p100|p4|t4|k80|k40[cm]?|k20[cmx]?|m60|m40|l4|l40|a10g?|a16|a30|a[456]000"
    r"|quadro\s[a-z]{0,3}\s?\d{3,4}|(?:radeon\s)?rx\s?(?:vega\s)?\d{2,4}(?:\s?(?:xtx|xt))?"
    r"|(?:radeon\s)?(?:rx\s)?vega\s?\d{2}|radeon(?:\s(?:pro|vii|instinct))?|mi\d{2,3}[ax]?|m[1-4]\s(?:max|pro|ultra)|m[1-4](?=$|[\s,)])"
    r"|xeon(?:\sphi)?(?:\s(?:gold|silver|platinum))?(?:\s[ew]\d?-?\d{3,4}\w*(?:\sv\d)?|\s\d{4}\w?)?"
    r"|core\s(?:tm\s)?i[3579](?:[- ]\d{3,5}\w*)?|i[3579]-\d{3,5}\w*|ryzen(?:\s\d)?(?:\s\d{4}\w*)?|epyc(?:\s\d{4}\w*)?"
    r"|threadripper|thunderx\d?|power[89]|knl|raspberry\spi(?:\s\d\w?)?|(?:jetson[\s-])?tx[12]|tegra\s(?:[xk][12]|xavier|orin)|jetson(?:[\s-](?:nano|xavier|orin|agx|nx))*"
    r"|tpu\s?v\d|tpu(?!s?\b\s*(?:count|cores))|gaudi\d?|ascend\s\d{3}\w?|bi-v\d{3})"
    r"(?:[- ]\d{1,3}\s?gb?)?(?=s?(?:\s?[x×]\s?\d{1,3})?(?![A-Za-z0-9]))",
    re.IGNORECASE,
)
# A server by its maker's name is the device only where its cards are not named.
SERVER = re.compile(r"(?<![A-Za-z0-9])dgx-?\w{1,4}(?![A-Za-z0-9])", re.IGNORECASE)
SERVERS = re.compile(r"(?<![\w.])(?:[2-9]|\d{2,4})\s?[x×]\s?(?:nvidia\s)?dgx", re.IGNORECASE)
PRECISION = re.compile(
    r"(?<![A-Za-z0-9])(?:(?:fp|float|bfloat|bf|tf|int)-?(?:4|8|16|32|64)|mixed[- ]precision|amp|(?:16|32)[- ]?bits?"
    r"|(?:half|single)[- ]precision)(?![A-Za-z0-9])",
    re.IGNORECASE,
)
FRAMEWORK = re.compile(
    r"(?<![A-Za-z0-9])(?:tensorflow|pytorch|torch|caffe2?|mxnet|theano|cntk|keras|chainer|jax|paddlepaddle|darknet"
    r"|tensorrt|oneflow|mindspore|tf(?=\s?v?[12]\.))(?![A-Za-z])(?:\s?v?(?:\d|1[0-2])\.\d{1,3}(?:\.\d{1,3}){0,2}(?![\w.]*\w))?",
    re.IGNORECASE,
)
RELEASE = re.compile(r"\s?v?\d{1,2}(?:\.\d{1,3})+$", re.IGNORECASE)
BATCH_SIZE = re.compile(
    r"(?<![A-Za-z0-9])(?:(?:mini)?-?batch(?:[ _-]?sizes?)?|bsz?)\s*(?:[=:]|\bof\b|\bis\b)?[\s-]*(?P<after>\d{1,9})(?!\d|\.\d|\s*(?:%|of\b))"
    r"|(?<![\w.,])(?P<before>\d{1,9})[- ](?:images?[- ])?(?:mini)?batch(?:[ _-]?size)?(?![A-Za-z])"
    r"|(?<![A-Za-z0-9])bsz?(?P<short>\d{1,5})(?!\w|\.\d)",
    re.IGNORECASE,
)
# `64, 128 and 256` behind a batch size is a list of them.
MORE = re.compile(r"\s*(?:,|/|&|and|or|to|-|–|…|\.\.)\s*\d", re.IGNORECASE)
COUNTED = (
    r"(?:[CGT]PU|card|accelerator)s?(?:\(s\))?(?!\s*(?:core|thread|hour|min|\w*\s?memory)s?\b)(?![A-Za-z])"
)
NODES = re.compile(
    rf"(?<![\w.])(\d{{1,4}})\s?(?:x\s)?(?:nodes?|machines?|servers?|hosts?)\s*(?:[x×*,]|with|of)\s*(\d{{1,3}})[- ]?{COUNTED}",
    re.IGNORECASE,
)
COUNT = re.compile(
    rf"(?<![\w.])(?P<number>\d{{1,4}}|one|single|two|four|eight|sixteen)(?:[- ]|\s?[x×]\s?)?{COUNTED}"
    rf"|(?:number of|num|\#)[ _]?(?:of )?[CGT]PUs?\s*[:=]?\s*(?P<behind>\d{{1,4}})(?![\w.])"
    r"|(?<![A-Za-z])[CGT]PUs\s*[:=]?\s*(?P<after>\d{1,4})$",
    re.IGNORECASE,
)
TIMES = (
    re.compile(r"(?<![\w.])(\d{1,3})\s?[x×*]\s?$"),
    re.compile(r"s?\)?\s?\(?[x×*]\s?(\d{1,3})\)?(?![\w.])"),
)
PLURAL = re.compile(r"(?<![\w.])(\d{1,3})\s$")
PHASES = {
    "training": re.compile(r"\btrain(?:ing|ed)?\b", re.IGNORECASE),
    "inference": re.compile(
        r"\b(?:infer(?:enc(?:e|ing))?|predict(?:ions?|ing)?|eval(?:uation)?)\b", re.IGNORECASE
    ),
}
WORDS = {"one": 1, "single": 1, "two": 2, "four": 4, "eight": 8, "sixteen": 16}
MOST_DEVICES = 4096
# Other things are spoken of than what was measured: what it is compared with, and what one should have.
COMPARES = re.compile(
    r"\b(?:than|compared|comparison|versus|vs|unlike|whereas|faster|slower|similar|previous|earlier|other"
    r"|requires?|required|needs?|needed|recommend(?:s|ed)?|minimum|at least|supports?|supported|buy|try|if)\b",
    re.IGNORECASE,
)
KIND = re.compile(r"[CGT]PU", re.IGNORECASE)
IMAGE = re.compile(r"!\[[^\]]{0,300}\]\([^)]{0,1000}\)|\[\^[^\]]{1,9}\]|<sup>[^<]{0,9}</sup>", re.IGNORECASE)
LOOK = 1000  # characters of a text to look at
LINK = re.compile(r"\[((?:[^\[\]]|\[[^\[\]]{0,300}\]){0,300})\](?:\([^)]{0,1000}\)|\[[^\]]{0,300}\])")
ESCAPED = re.compile(r"\\([*_~`#\[\]])")
TAG = re.compile(r"</?[A-Za-z][^<>]*>")
MARKS = re.compile(r"\*\*|__|`|(?<!\w)[*_](?=\w)|(?<=\w)[*_](?!\w)")
Named = TypeVar("Named")
SIGNS = re.compile(r"[®™]|\((?:R|TM|C)\)", re.IGNORECASE)


def key_of(name: str) -> str:
    """What two spellings of one name share: `ResNet-50` and `resnet50`, `A100` and `A100 40GB`."""
    short = re.sub(r"[- ]\d{1,3}\s?gb?$", "", name.lower())
    short = re.sub(r"\b(?:nvidia|amd|intel|apple|google|geforce|tesla)\s", "", short)
    return re.sub(r"[\s_\-]", "", short)


def all_of(pattern: re.Pattern[str], text: str) -> list[str]:
    """The names of a kind in a text, each once, in its longest spelling."""
    found: dict[str, str] = {}
    for match in pattern.finditer(text, 0, LOOK):
        name = " ".join(match[0].split())
        found[key_of(name)] = max(found.get(key_of(name), ""), name, key=len)
    return list(found.values())


def only(found: Collection[Named]) -> Named | None:
    """The one that is named; None where there is none, or several that differ."""
    return next(iter(found)) if len(found) == 1 else None


def models_in(text: str) -> list[str]:
    """The networks that a text names; a family beside one of its members is that member."""
    found = {key_of(name): name for name in all_of(MODEL, text)}
    return [
        name
        for key, name in found.items()
        if key[-1].isdigit() or not any(other != key and other.startswith(key) for other in found)
    ]


def model_in(text: str) -> str | None:
    """The network that a text names; a heading that is a data set alone (`CIFAR-10`) names the tutorial's network.

    >>> model_in("Training Performance (ResNet-50, FP16)"), model_in("ResNet-50 and VGG16")
    ('ResNet-50', None)
    """
    whole = SETS.fullmatch(text.strip(" :#*_"))
    return whole[1] if whole else only(models_in(text))


def devices_in(text: str) -> list[str]:
    """The devices that a text names; a server where it names none."""
    plain_text = SIGNS.sub("", text)
    return all_of(DEVICE, plain_text) or all_of(SERVER, plain_text)


def device_in(text: str) -> str | None:
    """The device that a text names, without how many of it there are.

    >>> device_in("1050 Ti"), device_in("GPU (T4)"), device_in("on 8x V100s"), device_in("Speed Benchmarks:")
    ('1050 Ti', 'T4', 'V100', None)
    """
    return only(devices_in(text))


def count_in(text: str) -> int | None:
    """How many devices a text says there are.

    >>> count_in("4 GPUs"), count_in("8x V100"), count_in("2 nodes x 4 GPUs"), count_in("GTX 1080 GPU")
    (4, 8, 8, None)
    """
    text = SIGNS.sub("", text)
    if nodes := NODES.search(text):
        return number_of(int(nodes[1]) * int(nodes[2]))
    before, behind = TIMES
    found = set()
    for match in DEVICE.finditer(text):
        if (number := before.search(text, 0, match.start()) or behind.match(text, match.end())) or (
            text[match.end() : match.end() + 1] == "s" and (number := PLURAL.search(text, 0, match.start()))
        ):
            found.add(int(number[1]))
    for match in COUNT.finditer(DEVICE.sub(" ", text)):
        number = next(filter(None, match.groups()))
        found.add(WORDS.get(number.lower()) or int(number))
    return number_of(only(found) or 0)


def number_of(count: int) -> int | None:
    """A number of devices that there can be."""
    return count if 0 < count <= MOST_DEVICES else None


def batch_in(text: str) -> int | None:
    """The batch size that a text names; None where it names several.

    >>> batch_in("batch size of 64"), batch_in("BS=32, fp16"), batch_in("batch sizes 32, 64 and 128")
    (64, 32, None)
    """
    found = set()
    for match in BATCH_SIZE.finditer(text):
        if MORE.match(text, match.end()):
            return None
        found.add(int(next(filter(None, match.groups()))))
    return only(found) or None


def precision_in(text: str) -> str | None:
    """The precision that a text names, in small letters and one spelling.

    >>> precision_in("FP16"), precision_in("(16 bit)"), precision_in("fp16 and fp32")
    ('fp16', 'fp16', None)
    """
    return only({spelled(match[0].lower()) for match in PRECISION.finditer(text)})


def phases_in(text: str) -> list[str]:
    """Whether a text speaks of training, of inference, or of both.

    >>> phases_in("Training time"), phases_in("vgg16 eval"), phases_in("pretrained models")
    (['training'], ['inference'], [])
    """
    text = in_english(text[:LOOK])
    return [name for name, words in PHASES.items() if words.search(text)]


def frameworks_in(text: str) -> list[str]:
    """The frameworks that a text names, with the release of each; without where it names several."""
    found: dict[str, list[str]] = {}
    for name in all_of(FRAMEWORK, text):
        found.setdefault(RELEASE.sub("", name).lower(), []).append(name)
    return [
        only([one for one in spellings if RELEASE.search(one)] or spellings[:1])
        or RELEASE.sub("", spellings[0])
        for spellings in found.values()
    ]


def framework_in(text: str) -> str | None:
    return only(frameworks_in(text))


def without_marks(cell: str) -> str:
    """A cell without the marks of Markdown and HTML around and within its text, and without footnotes."""
    if "\\" in cell:
        cell = ESCAPED.sub(r"\1", cell)
    if "<" in cell or "[" in cell:
        cell = TAG.sub(" ", LINK.sub(r"\1", IMAGE.sub("", cell)))
    if "&" in cell:
        cell = html.unescape(cell)
    return " ".join(MARKS.sub("", cell).strip(" \t*`_").split())
