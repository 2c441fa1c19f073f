"""Headings and names of files: whether they name what stands below them, or ask, deny or tell something."""

import re

QUESTION = re.compile(r"\?|^\W*(?:why|how|what|which|when|where|who|whether)\b", re.IGNORECASE)
NEGATION = re.compile(
    r"\b(?:no|not|none|never|without|cannot|missing|lacks?|instead|\w+n['’]t)\b", re.IGNORECASE
)
VERB = re.compile(
    r"\b(?:is|are|was|were|be|been|has|have|had|does|do|did|can|could|will|would|should|gets?|got|found|runs|ran|uses"
    r"|used(?!\s*(?:[:=]|[-–—]+\s))|seems?|looks?|takes?|took|gives?|gave|makes?|made|needs?|fails?|failed|works?|beats?|i|we|you|my|our|your)\b",
    re.IGNORECASE,
)


def is_name(text: str) -> bool:
    """Whether a heading is a name of what stands below it: no question, no negation, no sentence.

    >>> is_name("GTX 1080 Ti, batch size 32"), is_name("Why is the CPU so fast?"), is_name("No GPU found")
    (True, False, False)
    """
    return not QUESTION.search(text) and not VERB.search(text) and denies_nothing(text)


def denies_nothing(text: str) -> bool:
    """Whether a text says of nothing that it is not there; words in the name of a file are joined by marks.

    >>> denies_nothing("gpu-4.log"), denies_nothing("resnet_no_gpu.log")
    (True, False)
    """
    return not NEGATION.search(re.sub(r"[-_.]+", " ", text))
