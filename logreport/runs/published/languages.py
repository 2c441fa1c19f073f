"""Heads and titles in other languages than English, as far as benchmarks need them: their words become those that are known."""

import re

# What an English word is called elsewhere; the longer ones first, as a part of one may be another.
_WORDS = {
    "batch size": r"批量?大小|批次大小|批尺寸|バッチサイズ|배치 ?크기|\bbatch-?gr(?:ö|oe)(?:ß|ss)e\b|\btaille (?:de|du) (?:lot|batch)s?\b"
    r"|\btamaño (?:de|del) (?:lote|batch)\b",
    "GPUs": r"(?:GPU|显卡|顯卡|卡)(?:的)? ?(?:数量|數量|个数|台数|数|數)|\b(?:anzahl|nombre (?:de|des)|número de) (?:der )?GPUs?\b",
    "device": r"显卡(?:型号)?|顯卡(?:型號)?|设备|設備|デバイス|ハードウェア|硬件|\bgrafikkarten?\b|\bgerät\b|\bcarte(?: graphique)?\b|\bmatériel\b"
    r"|\bdispositivo\b",
    "model": r"模型|网络|網路|モデル|ネットワーク|모델|\bmodell\b|\bmodèle\b|\bréseau\b|\bmodelo\b",
    "framework": r"框架|フレームワーク",
    "dataset": r"数据集|數據集|データセット|\bdatensatz\b|\bjeu de données\b",
    "training": r"(?<!预)训练|(?<!預)訓練|(?<!深層)(?<!機械)学習|\bentra[iî]nement\b|\bentrenamiento\b",
    "inference": r"推理|推論|\binférence\b|\binferenz\b|\binferencia\b",
    "throughput": r"吞吐[量率]?|スループット|\bdurchsatz\b|\bdébit\b",
    "speed": r"速度|\bgeschwindigkeit\b|\bvitesse\b|\bvelocidad\b",
}  # fmt: skip
_ANY = re.compile("|".join(f"(?P<w{i}>{words})" for i, words in enumerate(_WORDS.values())), re.IGNORECASE)
_ENGLISH = list(_WORDS)
_NARROW = {0xFF08: " (", 0xFF09: ")", 0xFF0F: "/"}  # brackets and strokes as wide as a letter


def in_english(text: str) -> str:
    """A head or title in which the words that are known stand in English.

    >>> in_english("训练速度 (张/秒)")
    'training speed (张/秒)'
    """
    text = text.translate(_NARROW)
    if _ANY.search(text) is None:
        return text
    english = _ANY.sub(lambda match: f" {_ENGLISH[int((match.lastgroup or 'w0')[1:])]} ", text)
    return " ".join(english.split())
