"""Names of networks, devices and precisions in running text: only those that are known, so that no other word is one."""

import re

MODEL = re.compile(
    r"(?<![A-Za-z0-9])(?:(?:faster|mask|wide|distil|ro|al|se|tiny)[- ]?)?"
    r"(?:resnet|resnext|inception|googlenet|alexnet|vgg|mobilenet|densenet|lenet|nasnet|xception|efficientnet"
    r"|squeezenet|shufflenet|overfeat|bert|berta|gpt|deepspeech|gnmt|u-?net|r-?cnn|r-?fcn|ssd(?=[-_ ]?\d{3})|yolo"
    r"|transformer|lstm)"
    r"(?:[-_ ]?(?:large|base|small|tiny))?(?:[-_ ]?v?\d{1,4})?(?:[-_ ]?v\d(?:\.\d)?)?(?![A-Za-z0-9])",
    re.IGNORECASE,
)
SETS = re.compile(r"(cifar-?100?|mnist|imagenet)(?:\s+(?:benchmarks?|results?))?", re.IGNORECASE)
DEVICE = re.compile(
    r"(?<![A-Za-z0-9])(?:\d{1,2}\s?[x×]\s?)?(?:(?:nvidia|amd|intel|apple|google|geforce|tesla)\s+(?!\d)){0,4}"
    r"(?:(?:gtx|rtx|gt)\s?(?:titan(?:\s(?:x|z|black))?|\d{3,4}m?)(?:\s?ti)?(?:\s(?:super|max-q))?"
    r"|\d{3,4}\s?ti(?:\ssuper)?"
    r"|titan(?:\s(?:xp|x|v|rtx|z|black))?"
    r"|[vahgb]\d00s?|gh200|[ap]40|p100|p4|t4|k80|k40[cm]?|k20[cmx]?|m60|m40|l4|l40s?|a10g?|a16|a30|a[456]000"
    r"|quadro\s[a-z]{0,3}\s?\d{3,4}|radeon(?:\s(?:pro|vii|instinct))?|rx\s?(?:vega\s)?\d{2,4}(?:\s?(?:xtx|xt|s))?"
    r"|vega\s?\d{2}|mi\d{2,3}[ax]?|m[1-4]\s(?:max|pro|ultra)|m[1-4](?=$|[\s,)])"
    r"|xeon(?:\sphi)?(?:\s(?:gold|silver|platinum))?(?:\s[ew]\d?-?\d{3,4}\w*(?:\sv\d)?|\s\d{4}\w?)?"
    r"|core\s(?:tm\s)?i[3579](?:[- ]\d{3,5}\w*)?|i[3579]-\d{3,5}\w*|ryzen(?:\s\d)?(?:\s\d{4}\w*)?|epyc(?:\s\d{4}\w*)?"
    r"|threadripper|thunderx\d?|power[89]|knl|raspberry\spi(?:\s\d\w?)?|jetson(?:\s(?:tx[12]|nano|xavier|orin|agx))*"
    r"|tpu(?:\s?v\d)?|gaudi\d?|ascend\s\d{3}\w?|bi-v\d{3}|dgx-?\w{1,4})"
    r"(?:[- ]\d{1,3}\s?gb)?(?:\s?[x×]\s?\d{1,2})?(?![A-Za-z0-9])",
    re.IGNORECASE,
)
PRECISION = re.compile(
    r"(?<![A-Za-z0-9])(?:(?:fp|float|bfloat|bf|tf|int)-?(?:4|8|16|32|64)|mixed[- ]precision|amp)(?![A-Za-z0-9])",
    re.IGNORECASE,
)
KIND = re.compile(r"[CGT]PU", re.IGNORECASE)
LINK = re.compile(r"\[([^\]]{0,300})\]\([^)]{0,1000}\)")
LOOK = 1000  # characters of a text to look at


def only(pattern: re.Pattern[str], text: str) -> str | None:
    """The one name of a kind in a text; None where there is none, or several that differ."""
    found = {" ".join(match[0].split()) for match in pattern.finditer(text, 0, LOOK)}
    return found.pop() if len(found) == 1 else None


def model_in(text: str) -> str | None:
    """The network that a text names; a heading that is a data set alone (`CIFAR-10`) names the tutorial's network.

    >>> model_in("Training Performance (ResNet-50, FP16)"), model_in("ResNet-50 and VGG16")
    ('ResNet-50', None)
    """
    whole = SETS.fullmatch(text.strip(" :#*_"))
    return whole[1] if whole else only(MODEL, text)


def device_in(text: str) -> str | None:
    """The device that a text names.

    >>> device_in("1050 Ti"), device_in("GPU (T4)"), device_in("Speed Benchmarks:")
    ('1050 Ti', 'T4', None)
    """
    return only(DEVICE, text)


def precision_in(text: str) -> str | None:
    """The precision that a text names, in small letters."""
    found = only(PRECISION, text.lower())
    return found if found is None else found.replace("-", "") if found[-1].isdigit() else found


def plain(cell: str) -> str:
    """A cell without the marks of Markdown around its text."""
    return LINK.sub(r"\1", cell).strip(" \t*`_")
