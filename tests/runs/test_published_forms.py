"""Tables and lists as people write them: the values of each, what they are of, and nothing else."""

import pytest

from logreport import report
from logreport.errors import SourceError
from logreport.runs.explaining import explain
from logreport.runs.published.context import Context
from logreport.runs.reading import read
from logreport.sources.source import memory_source
from logreport.tables.schema import LEDGER

SPEED = "images/s"
FORMS = {
    "html thead colspan": (
        """\
## Training throughput (images/sec)

<table>
  <thead>
    <tr><th rowspan="2">Model</th><th colspan="2">V100</th><th colspan="2">A100</th></tr>
    <tr><th>FP32</th><th>FP16</th><th>FP32</th><th>FP16</th></tr>
  </thead>
  <tbody>
    <tr><td>ResNet-50</td><td>350</td><td>760</td><td>700</td><td>1,400</td></tr>
    <tr><td>VGG16</td><td>220</td><td>N/A</td><td>410</td><td>OOM</td></tr>
  </tbody>
</table>
""",
        [
            (350, SPEED, {"model": "ResNet-50", "device": "V100", "precision": "fp32"}),
            (760, SPEED, {"model": "ResNet-50", "device": "V100", "precision": "fp16"}),
            (700, SPEED, {"model": "ResNet-50", "device": "A100", "precision": "fp32"}),
            (1400, SPEED, {"model": "ResNet-50", "device": "A100", "precision": "fp16"}),
            (220, SPEED, {"model": "VGG16", "device": "V100", "precision": "fp32"}),
            (410, SPEED, {"model": "VGG16", "device": "A100", "precision": "fp32"}),
        ],
    ),
    "html cell a line": (
        """\
<table>
<tr>
<th>Batch size</th>
<th>img/s</th>
<th>Speedup</th>
</tr>
<tr>
<td>32</td>
<td><b>101.5</b></td>
<td>1.0x</td>
</tr>
<tr>
<td>64</td>
<td>
 120.25
</td>
<td>1.2</td>
</tr>
</table>
""",
        [
            (101.5, SPEED, {"batch_size": 32}),
            (120.25, SPEED, {"batch_size": 64}),
        ],
    ),
    "html in one line, no heads": (
        """\
<table><tr><td>Model</td><td>Images/sec</td></tr><tr><td>Inception v3</td><td>88.5</td></tr></table>
""",
        [
            (88.5, SPEED, {"model": "Inception v3"}),
        ],
    ),
    "transposed": (
        """\
|  | GTX 1080 Ti | Tesla P100 |
|---|---|---|
| Batch size | 32 | 64 |
| Throughput (img/s) | 210.5 | 219.25 |
| Latency (ms) | 150 | 290 |
| Power (W) | 250 | 300 |
| Price | $699 | $5899 |
| Memory (GB) | 11 | 16 |
""",
        [
            (210.5, SPEED, {"device": "GTX 1080 Ti", "batch_size": 32}),
            (219.25, SPEED, {"device": "Tesla P100", "batch_size": 64}),
            (0.15, "s", {"device": "GTX 1080 Ti"}),
            (0.29, "s", {"device": "Tesla P100"}),
        ],
    ),
    "caption bold line with model and batch": (
        """\
**AlexNet (One weird trick paper)** - Input 128x3x224x224

| Library | Time (ms) | forward (ms) | backward (ms) |
|:---|---:|---:|---:|
| [CuDNN-fp16 (Torch)](http://x) | **71** | 25 | 46 |
| TensorFlow | 81 | 26 | 55 |
""",
        [
            (0.071, "s", {"model": "AlexNet"}),
            (0.025, "s", {"model": "AlexNet"}),
            (0.046, "s", {"model": "AlexNet"}),
            (0.081, "s", {"model": "AlexNet"}),
            (0.026, "s", {"model": "AlexNet"}),
            (0.055, "s", {"model": "AlexNet"}),
        ],
    ),
    "bullet as heading, unit in paragraph": (
        """\
#### Training
Training on batch size 64, 128, 256 on Intel(R) Xeon(R) Gold 6148 CPU @ 2.40GHz
Input image size - 3 * 224 * 224, Time: images/second

- VGG-19

| BatchSize | 64 | 128 | 256 |
|---|---|---|---|
| OpenBLAS | 7.80 | 9.00 | 10.80 |
| MKL-DNN | 28.46 | 29.83 | 30.44 |

- ResNet-50

| BatchSize | 64 | 128 | 256 |
|---|---|---|---|
| OpenBLAS | 25.22 | 25.68 | 27.12 |
""",
        [
            (7.8, SPEED, {"model": "VGG-19", "batch_size": 64, "num_devices": None}),
            (9.0, SPEED, {"model": "VGG-19", "batch_size": 128, "num_devices": None}),
            (10.8, SPEED, {"model": "VGG-19", "batch_size": 256, "num_devices": None}),
            (28.46, SPEED, {"model": "VGG-19", "batch_size": 64, "num_devices": None}),
            (29.83, SPEED, {"model": "VGG-19", "batch_size": 128, "num_devices": None}),
            (30.44, SPEED, {"model": "VGG-19", "batch_size": 256, "num_devices": None}),
            (25.22, SPEED, {"model": "ResNet-50", "batch_size": 64}),
            (25.68, SPEED, {"model": "ResNet-50", "batch_size": 128}),
            (27.12, SPEED, {"model": "ResNet-50", "batch_size": 256}),
        ],
    ),
    "unit heading above second heading": (
        """\
# Images per second
Higher is better.

## ResNet-50

| GPU | FP32 | FP16 |
|---|---|---|
| RTX 2080 Ti | 286 | 437 |
| GTX 1080 Ti | 207 | - |

## Memory usage

| GPU | FP32 | FP16 |
|---|---|---|
| RTX 2080 Ti | 8 | 5 |
""",
        [
            (286, SPEED, {"model": "ResNet-50", "device": "RTX 2080 Ti", "precision": "fp32"}),
            (437, SPEED, {"model": "ResNet-50", "device": "RTX 2080 Ti", "precision": "fp16"}),
            (207, SPEED, {"model": "ResNet-50", "device": "GTX 1080 Ti", "precision": "fp32"}),
        ],
    ),
    "two-line head in markdown": (
        """\
### Throughput

| Model | Batch size | V100 | | A100 | |
|---|---|---|---|---|---|
| | | images/sec | speedup | images/sec | speedup |
| ResNet-50 | 64 | 355 | 1.0 | 720 | 2.0 |
""",
        [
            (355, SPEED, {"model": "ResNet-50", "batch_size": 64, "device": "V100"}),
            (720, SPEED, {"model": "ResNet-50", "batch_size": 64, "device": "A100"}),
        ],
    ),
    "number of GPUs spanning head": (
        """\
Throughput of ResNet-50 in images/sec on Tesla V100:

| Precision | Number of GPUs | | | |
|---|---|---|---|---|
| | 1 | 2 | 4 | 8 |
| fp32 | 361 | 720 | 1420 | 2810 |
""",
        [
            (
                361,
                SPEED,
                {"model": "ResNet-50", "device": "Tesla V100", "num_devices": 1, "precision": "fp32"},
            ),
            (
                720,
                SPEED,
                {"model": "ResNet-50", "device": "Tesla V100", "num_devices": 2, "precision": "fp32"},
            ),
            (
                1420,
                SPEED,
                {"model": "ResNet-50", "device": "Tesla V100", "num_devices": 4, "precision": "fp32"},
            ),
            (
                2810,
                SPEED,
                {"model": "ResNet-50", "device": "Tesla V100", "num_devices": 8, "precision": "fp32"},
            ),
        ],
    ),
    "NVIDIA style": (
        """\
#### Training performance: NVIDIA DGX A100 (8x A100 80GB)

| **GPUs** | **Batch Size / GPU** | **Throughput - TF32** | **Throughput - mixed precision** | **Throughput speedup (TF32 to mixed precision)** | **Weak scaling - TF32** |
|:---:|:---:|:---:|:---:|:---:|:---:|
| 1 | 256 | 815.72 img/s | 2771.9 img/s | 3.40x | 1.00 |
| 8 | 256 | 6448.65 img/s | 20425.0 img/s | 3.17x | 7.91 |
""",
        [
            (815.72, SPEED, {"num_devices": 1, "batch_size": 256, "precision": "tf32"}),
            (2771.9, SPEED, {"num_devices": 1, "batch_size": 256, "precision": "mixed precision"}),
            (6448.65, SPEED, {"num_devices": 8, "batch_size": 256}),
            (20425.0, SPEED, {"num_devices": 8, "batch_size": 256}),
        ],
    ),
    "latency percentiles": (
        """\
#### Inference performance: NVIDIA T4

***FP16 Inference Latency***

| **Batch Size** | **Throughput Avg** | **Latency Avg** | **Latency 95%** |
|---|---|---|---|
| 1 | 175.5 img/s | 5.7 ms | 6.1 ms |
| 8 | 811 img/s | 9.9 ms | 10.3 ms |
""",
        [
            (175.5, SPEED, {"batch_size": 1, "device": "NVIDIA T4", "precision": "fp16"}),
            (0.0057, "s", {"batch_size": 1}),
            (0.0061, "s", {"batch_size": 1}),
            (811, SPEED, {"batch_size": 8}),
            (0.0099, "s", {"batch_size": 8}),
            (0.0103, "s", {"batch_size": 8}),
        ],
    ),
    "unit below": (
        """\
# CNN-Tensorflow
Throughput with synthetic inputs on T4.

| Models | Precision | BS = 16 | BS = 32 |
|---|---|---|---|
| Googlenet | fp16 | 2290.0 | 2730.0 |
| Resnet50 | fp16 | 1429.0 | 1580.0 |

*BS: Batch Size*
*Unit: Img/sec*
""",
        [
            (2290, SPEED, {"model": "Googlenet", "precision": "fp16", "batch_size": 16, "device": "T4"}),
            (2730, SPEED, {"model": "Googlenet", "batch_size": 32}),
            (1429, SPEED, {"model": "Resnet50", "batch_size": 16}),
            (1580, SPEED, {"model": "Resnet50", "batch_size": 32}),
        ],
    ),
    "tabs in a fence": (
        """\
## Results

```
model	batch	images/sec
resnet50	64	201.5
vgg16	32	98.75
```
""",
        [
            (201.5, SPEED, {"model": "resnet50", "batch_size": 64}),
            (98.75, SPEED, {"model": "vgg16", "batch_size": 32}),
        ],
    ),
    "aligned in a fence": (
        """\
```
Model        GPUs   Throughput (img/s)   Top-1
resnet50     1      201.5                75.9
resnet50     4      790.25               76.1
```
""",
        [
            (201.5, SPEED, {"model": "resnet50", "num_devices": 1}),
            (790.25, SPEED, {"model": "resnet50", "num_devices": 4}),
        ],
    ),
    "grid table": (
        """\
+-----------+------------+----------+
| Network   | images/sec | params   |
+===========+============+==========+
| AlexNet   | 2660.5     | 61M      |
+-----------+------------+----------+
| VGG-16    | 121        | 138M     |
+-----------+------------+----------+
""",
        [
            (2660.5, SPEED, {"model": "AlexNet"}),
            (121, SPEED, {"model": "VGG-16"}),
        ],
    ),
    "rest simple table": (
        """\
Speed
=====

=========  ==========  ========
Network    fps         accuracy
=========  ==========  ========
SSD300     46          77.2
YOLO       45          63.4
=========  ==========  ========
""",
        [
            (46, "frames/s", {"model": "SSD300"}),
            (45, "frames/s", {"model": "YOLO"}),
        ],
    ),
    "rest table as a list": (
        """\
.. list-table:: Throughput in images per second, fp32
   :header-rows: 1

   * - Model
     - K80
     - `V100 <v100.html>`_
   * - ResNet-50
     - 52
     -
   * - Inception v3,
       slim
     - 30.1
     - 1,251
""",
        [
            (52, SPEED, {"model": "ResNet-50", "device": "K80", "precision": "fp32"}),
            (30.1, SPEED, {"model": "Inception v3, slim", "device": "K80", "precision": "fp32"}),
            (1251, SPEED, {"model": "Inception v3, slim", "device": "V100", "precision": "fp32"}),
        ],
    ),
    "no delimiter, no pipes at sides": (
        """\
GPU | Batch | img/s
Titan Xp | 64 | 230.5
K80 | 32 | 51
""",
        [
            (230.5, SPEED, {"device": "Titan Xp", "batch_size": 64}),
            (51, SPEED, {"device": "K80", "batch_size": 32}),
        ],
    ),
    "thousands and spreads": (
        """\
| GPUs | images/sec |
|---|---|
| 1 | 1,234.5 ± 3.2 |
| 2 | 2’400 (± 10) |
| 4 | ~4,800 |
| 8 | >9,000 |
| 16 | 17000-18000 |
| 32 | 36.5k |
""",
        [
            (1234.5, SPEED, {"num_devices": 1}),
            (2400, SPEED, {"num_devices": 2}),
            (4800, SPEED, {"num_devices": 4}),
            (36500, SPEED, {"num_devices": 32}),
        ],
    ),
    "footnotes, bold, links": (
        """\
| Model | V100 (img/s) |
|---|---|
| [ResNet-50](a.md) | **350**\\* |
| `VGG16` | 220[^1] |
| *AlexNet* | [4000](log.txt) |
| Inception-v3 | 240† |
""",
        [
            (350, SPEED, {"model": "ResNet-50", "device": "V100"}),
            (220, SPEED, {"model": "VGG16"}),
            (4000, SPEED, {"model": "AlexNet"}),
            (240, SPEED, {"model": "Inception-v3"}),
        ],
    ),
    "speedup columns": (
        """\
### Images/sec on 8 GPUs
| Model | V100 | A100 | A100 vs V100 | Ratio | Gain % |
|---|---|---|---|---|---|
| ResNet-50 | 2800 | 5600 | 2.0 | 2.0 | 100 |
""",
        [
            (2800, SPEED, {"model": "ResNet-50", "device": "V100", "num_devices": 8}),
            (5600, SPEED, {"model": "ResNet-50", "device": "A100", "num_devices": 8}),
        ],
    ),
    "scaling efficiency rows": (
        """\
| | 1 GPU | 2 GPUs | 4 GPUs |
|---|---|---|---|
| Images/sec | 100 | 196 | 384 |
| Speedup | 1.0 | 1.96 | 3.84 |
| Efficiency | 100% | 98% | 96% |
""",
        [
            (100, SPEED, {"num_devices": 1}),
            (196, SPEED, {"num_devices": 2}),
            (384, SPEED, {"num_devices": 4}),
        ],
    ),
    "accuracy and loss and cost": (
        """\
| Model | img/s | Loss | Top-1 | Cost ($/h) | Params (M) | GFLOPs | Epochs |
|---|---|---|---|---|---|---|---|
| ResNet-50 | 350 | 1.2 | 76.1% | 2.5 | 25.6 | 4.1 | 90 |
""",
        [
            (350, SPEED, {"model": "ResNet-50"}),
            (76.1, "%", {"model": "ResNet-50"}),
        ],
    ),
    "unit in heading; settings rows": (
        """\
### Inception V3 (images/sec)
| | K80 | P100 |
|---|---|---|
| 1 GPU | 30.5 | 130 |
| 8 GPUs | 227 | 900 |
| Threads | 8 | 16 |
| Driver | 375 | 384 |
| CUDA cores | 2496 | 3584 |
| Learning rate | 0.1 | 0.1 |
""",
        [
            (30.5, SPEED, {"model": "Inception V3", "device": "K80", "num_devices": 1}),
            (130, SPEED, {"device": "P100", "num_devices": 1}),
            (227, SPEED, {"num_devices": 8}),
            (900, SPEED, {"num_devices": 8}),
        ],
    ),
    "list under sentence": (
        """\
Single node results with ResNet-101, batch size of 32 per GPU, fp16:

* 1x V100: 210.5 images/sec
* 4x V100: 820 images/sec
* 8x V100: **1,600 images/sec** (7.6x)
* Loss: 2.3
""",
        [
            (
                210.5,
                SPEED,
                {
                    "model": "ResNet-101",
                    "batch_size": 32,
                    "precision": "fp16",
                    "device": "V100",
                    "num_devices": 1,
                },
            ),
            (820, SPEED, {"num_devices": 4}),
            (1600, SPEED, {"num_devices": 8}),
        ],
    ),
    "list of models": (
        """\
#### GTX 1070, batch size 16

1. AlexNet: 1100 img/s
2. VGG-16 — 61.5 img/s
3. ResNet-50 = 95 img/s
""",
        [
            (1100, SPEED, {"model": "AlexNet", "device": "GTX 1070", "batch_size": 16}),
            (61.5, SPEED, {"model": "VGG-16"}),
            (95, SPEED, {"model": "ResNet-50"}),
        ],
    ),
    "totals in a list under a command": (
        """\
### Multi GPU

`python tf_cnn_benchmarks.py --batch_size=64 --model=resnet50 --variable_update=parameter_server`

- 1 GPU: total images/sec: 203.45
- 2 GPUs: total images/sec: 390.25
""",
        [
            (203.45, SPEED, {"model": "resnet50", "batch_size": 64, "num_devices": 1}),
            (390.25, SPEED, {"model": "resnet50", "batch_size": 64, "num_devices": 2}),
        ],
    ),
    "totals under headings": (
        """\
## ResNet-50 on 4x GTX 1080 Ti

* total images/sec: 811.25
* total images/sec: 815.5

## VGG16 on K80

* total images/sec: 35.5
""",
        [
            (811.25, SPEED, {"model": "ResNet-50", "device": "GTX 1080 Ti", "num_devices": 4}),
            (815.5, SPEED, {"model": "ResNet-50"}),
            (35.5, SPEED, {"model": "VGG16", "device": "K80"}),
        ],
    ),
    "notes in cells": (
        """\
| batch | img/s |
|---|---|
| 64 | 120.5 |
| 128 | 128.5(memory not enough) |
| 256 | OOM |
| 512 | failed (OOM) |
| 1024 | 0 |
""",
        [
            (120.5, SPEED, {"batch_size": 64}),
            (128.5, SPEED, {"batch_size": 128}),
        ],
    ),
    "label names all": (
        """\
| Benchmark | Radeon VII | GTX 1660 |
|---|---|---|
| Resnet50 batch=64 (16 bit) | 240 images/sec | OOM |
| Resnet50 train batch=16 | 150.5 images/sec | 90 images/sec |
| Alexnet forward | 0.05s/batch | 0.07s/batch |
| Install time | 5 min | 5 min |
""",
        [
            (
                240,
                SPEED,
                {"model": "Resnet50", "batch_size": 64, "precision": "fp16", "device": "Radeon VII"},
            ),
            (150.5, SPEED, {"model": "Resnet50", "batch_size": 16}),
            (90, SPEED, {"device": "GTX 1660", "batch_size": 16}),
            (0.05, "s", {"model": "Alexnet", "device": "Radeon VII"}),
            (0.07, "s", {"device": "GTX 1660"}),
            (300, "s", {"device": "Radeon VII"}),
            (300, "s", {"device": "GTX 1660"}),
        ],
    ),
    "times under an unknown device": (
        """\
| Network | My old card | The new one |
|---|---|---|
| AlexNet | 12.5 ms/batch | 7.25 ms/batch |
""",
        [
            (0.0125, "s", {"model": "AlexNet"}),
            (0.00725, "s", {"model": "AlexNet"}),
        ],
    ),
    "question heading": (
        """\
# Which GPU is faster, V100 or A100?

| Model | img/s |
|---|---|
| ResNet-50 | 350 |
""",
        [
            (350, SPEED, {"model": "ResNet-50", "device": None}),
        ],
    ),
    "negated heading": (
        """\
## Without a V100

| Model | img/s |
|---|---|
| ResNet-50 | 35 |
""",
        [
            (35, SPEED, {"model": "ResNet-50", "device": None}),
        ],
    ),
    "settings before table": (
        """\
## Rig B
* GPU: 2x Titan X (Pascal)
* CPU: Intel(R) Xeon(R) CPU E5-2630 v4 @ 2.20GHz
* CUDA: 8.0.61

| Model | images/sec |
|---|---|
| vgg16 | 190.5 |
""",
        [
            (190.5, SPEED, {"model": "vgg16", "device": "Titan X", "num_devices": 2}),
        ],
    ),
    "sentence with a result is no unit": (
        """\
We reached 300 images/sec on V100. Errors are below.

| AlexNet | ResNet-50 |
|---|---|
| 42.9 | 24.1 |
""",
        [],
    ),
    "top-1 under a speed section": (
        """\
## Throughput (images/sec)

| Model | V100 |
|---|---|
| ResNet-50 | 350 |

### Top-1 accuracy

| Model | V100 |
|---|---|
| ResNet-50 | 76.1 |
""",
        [
            (350, SPEED, {"model": "ResNet-50", "device": "V100"}),
        ],
    ),
    "log in a fence is no table": (
        """\
```
Step    Speed (img/s)   Loss
10      201.5           6.9
20      202.1           6.8
```
""",
        [],
    ),
    "per gpu column is none": (
        """\
| GPUs | images/sec | images/sec/GPU |
|---|---|---|
| 8 | 800 | 100 |
""",
        [
            (800, SPEED, {"num_devices": 8}),
        ],
    ),
    "mixed metrics in rows": (
        """\
| Metric | TF 1.4 | TF 1.13 |
|---|---|---|
| samples/sec | 500 | 650 |
| time per step (ms) | 64 | 49 |
| final loss | 0.31 | 0.30 |
""",
        [
            (500, "examples/s", {}),
            (650, "examples/s", {}),
            (0.064, "s", {}),
            (0.049, "s", {}),
        ],
    ),
    "M1 table": (
        """\
|          | Batch Size | Throughput | Power | Memory |
|----------|------------|------------|-------|--------|
| M1 Max   | 64 | 140.5 img/sec | 42W | 16 GB |
| RTX 3090 | 64 | 1100 img/sec | 360W | 21.5 GB |
""",
        [
            (140.5, SPEED, {"batch_size": 64, "device": "M1 Max"}),
            (1100, SPEED, {"batch_size": 64, "device": "RTX 3090"}),
        ],
    ),
    "heading says another model than the command": (
        """\
## InceptionV3
`python tf_cnn_benchmarks.py --model=resnet50 --batch_size=32 --num_gpus=2`

| Run | images/sec |
|---|---|
| first | 400.5 |
""",
        [
            (400.5, SPEED, {"model": "resnet50", "batch_size": 32, "num_devices": 2}),
        ],
    ),
    "two commands that differ": (
        """\
## Runs
`python tf_cnn_benchmarks.py --model=resnet50 --batch_size=32 --num_gpus=2`
`python tf_cnn_benchmarks.py --model=vgg16 --batch_size=32 --num_gpus=2`

- result: 400.5 images/sec
""",
        [
            (400.5, SPEED, {"model": None, "batch_size": 32, "num_devices": 2}),
        ],
    ),
    "chinese unit sentence": (
        """\
训练速度 (images/sec):

| 模型 | V100 | P100 |
|---|---|---|
| ResNet-50 | 355.5 | 219 |
""",
        [
            (355.5, SPEED, {"device": "V100"}),
            (219, SPEED, {"device": "P100"}),
        ],
    ),
    "nodes and gpus": (
        """\
### test 2: 2 nodes x 4 GPUs

| Batch size | ResNet-50 (images/sec) |
|---|---|
| 32 | 1500.5 |
""",
        [
            (1500.5, SPEED, {"model": "ResNet-50", "batch_size": 32, "num_devices": 8}),
        ],
    ),
    "time in sentence": (
        """\
All times in milliseconds, batch size 1, measured on a Jetson TX2.

| Network | FP32 | FP16 |
|---|---|---|
| GoogLeNet | 21.5 | 12.25 |
""",
        [
            (
                0.0215,
                "s",
                {"model": "GoogLeNet", "precision": "fp32", "batch_size": 1, "device": "Jetson TX2"},
            ),
            (0.01225, "s", {"precision": "fp16"}),
        ],
    ),
    "percent columns": (
        """\
| Model | img/s | GPU util | Overhead |
|---|---|---|---|
| ResNet-50 | 350 | 98% | 3.5% |
""",
        [
            (350, SPEED, {"model": "ResNet-50"}),
        ],
    ),
    "two units in caption": (
        """\
Throughput (images/sec) and latency (ms):

| Model | V100 | A100 |
|---|---|---|
| ResNet-50 | 350 | 2.8 |
""",
        [],
    ),
    "batch time head": (
        """\
| Model | Batch time (ms) | Batch |
|---|---|---|
| ResNet-50 | 180 | 64 |
""",
        [
            (0.18, "s", {"model": "ResNet-50", "batch_size": 64}),
        ],
    ),
    "blank numbers of cards": (
        """\
| Card | # | img/s |
|---|---|---|
| 1080 Ti | 2 | 400 |
""",
        [
            (400, SPEED, {"device": "1080 Ti"}),
        ],
    ),
    "headings that are lines of text": (
        """\
## The machine
### CPU: 8 cores
### Graphics card: RTX 3080 OC
### Memory: 32 GB

## Results
#### unit: images/sec
#### measured in March

| Net | batch 16 | batch 32 |
|---|---|---|
| ResNet50 | 410.5 | 450.5(memory is full) |
| MyNet | 800.5 | out of memory |
""",
        [
            (410.5, SPEED, {"model": "ResNet50", "batch_size": 16, "device": "RTX 3080"}),
            (450.5, SPEED, {"model": "ResNet50", "batch_size": 32, "device": "RTX 3080"}),
            (800.5, SPEED, {"model": "MyNet", "batch_size": 16, "device": "RTX 3080"}),
        ],
    ),
    "hardware in a section of its own": (
        """\
## Environment
- GPU: Tesla T4
- RAM: 16 GB

## Speed

| Model | img/s |
|---|---|
| ResNet50 | 210 |
""",
        [(210, SPEED, {"model": "ResNet50", "device": "Tesla T4"})],
    ),
    "two machines in sections of their own": (
        """\
## Machine 1
- GPU: Tesla T4

## Machine 2
- GPU: Tesla P4

## Speed

| Model | img/s |
|---|---|
| ResNet50 | 210 |
""",
        [(210, SPEED, {"model": "ResNet50", "device": None})],
    ),
    "a section of results says nothing of the next": (
        """\
## Machine 1
GPU: Tesla T4

| Model | img/s |
|---|---|
| ResNet50 | 210 |

## Machine 2

| Model | img/s |
|---|---|
| ResNet50 | 150 |
""",
        [
            (210, SPEED, {"model": "ResNet50", "device": "Tesla T4"}),
            (150, SPEED, {"model": "ResNet50", "device": None}),
        ],
    ),
    "precisions by their words": (
        """\
| Mode | gpu | precision | vgg16 | vgg16_bn | squeezenet1_0 | squeezenet1_1 | resnext50_32x4d |
|---|---|---|---|---|---|---|---|
| Training | TITAN V | single | 73.5 ms | 81.5 ms | 15.5 ms | 9.75 ms | 60.5 ms |
| Training | TITAN V | half | 36.5 ms | | | | |
| Training | TITAN V | double | 1463. ms | | | | |
""",
        [
            (0.0735, "s", {"model": "vgg16", "device": "TITAN V", "precision": "fp32"}),
            (0.0815, "s", {"model": "vgg16_bn", "precision": "fp32"}),
            (0.0155, "s", {"model": "squeezenet1_0", "precision": "fp32"}),
            (0.00975, "s", {"model": "squeezenet1_1", "precision": "fp32"}),
            (0.0605, "s", {"model": "resnext50_32x4d", "precision": "fp32"}),
            (0.0365, "s", {"model": "vgg16", "precision": "fp16"}),
            (1.463, "s", {"model": "vgg16", "precision": "fp64"}),
        ],
    ),
    "numbers of nodes and of cards by other words": (
        """\
| node_num | gpu_num | samples/s |
|---|---|---|
| 1 | 1 | 362 |
| 1 | 8 | 2721 |
| 2 | 16 | 5099 |
""",
        [
            (362, "examples/s", {"num_devices": 1}),
            (2721, "examples/s", {"num_devices": 8}),
            (5099, "examples/s", {"num_devices": None}),
        ],
    ),
    "where a set-up keeps what": (
        """\
## Throughput (images/sec)

| Set-up | Inception V3 |
|---|---|
| TCP (variables on CPU) | 1,345 (10.0x) |
| RDMA (allreduce on GPU with NCCL) | 2,022 (15.0x) |
""",
        [(1345, SPEED, {"model": "Inception V3"}), (2022, SPEED, {"model": "Inception V3"})],
    ),
    "a list of flags": (
        """\
- `--place=gpu --update=ring`: 2500 img/s.
- `--place=gpu --update=ring --fp16 --batch 128`: 5500 img/s
""",
        [(2500, SPEED, {}), (5500, SPEED, {"batch_size": 128, "precision": "fp16"})],
    ),
}


def same(one, other):
    """Whether two facts are one: numbers nearly, texts without blanks and marks."""
    if isinstance(one, str) and isinstance(other, str):
        return one.lower().replace(" ", "").replace("-", "") == other.lower().replace(" ", "").replace(
            "-", ""
        )
    return one == (pytest.approx(other) if isinstance(other, float) else other)


@pytest.mark.parametrize("name", FORMS)
def test_a_form(name):
    """Every value that is written down comes out with what it is of; speedups, losses, settings and zeros do not."""
    text, expected = FORMS[name]
    reading = read([memory_source("README.md", text.encode())])
    left = list(reading.tables.rows("published"))
    for value, unit, facts in expected:
        wanted = {"value": float(value), "unit": unit, **facts}
        hit = next((row for row in left if all(same(row[key], fact) for key, fact in wanted.items())), None)
        assert hit is not None, (wanted, left)
        left.remove(hit)
    assert left == []


def values_of(text, *names, name="README.md"):
    """Value and some more columns of what a document publishes."""
    rows = read([memory_source(name, text.encode())]).tables.rows("published")
    return [tuple(row[one] for one in ("value", *names)) for row in rows]


@pytest.mark.parametrize("ending", ["md", "txt"])
@pytest.mark.parametrize(
    "text",
    [
        "```\nmodel\timages/sec\nvgg16\t98.5\n```\n",
        "Network | Card | images/sec\nvgg16 | K80 | 98.5\n",
        "Training on a K80, batch 32:\n\n- vgg16: 98.5 images per sec\n- a sentence of five words here\n",
        "<table>\n<tr><th>Network</th><th>img/s</th></tr>\n\n<tr><td>vgg16</td>\n<td>98.5</td></tr>\n</table>\n",
        "+-------+---------+\n| model | img/s   |\n+=======+=========+\n| vgg16 | 98.5    |\n+-------+---------+\n",
    ],
)
def test_lines_of_results_are_text_of_a_document(text, ending):
    """A table that no grammar knows is no unknown line, and `explain` and the ledger say the same of each."""
    source = memory_source(f"a.{ending}", text.encode())
    reading = read([source])
    (row,) = reading.tables.rows("lines")
    assert sum(row[name] for name in LEDGER) == row["total"] == text.count("\n")
    assert (row["unknown"], row["malformed"]) == (0, 0)
    assert [line.category for line in explain(source)].count("prose") == row["prose"]
    assert [(one["value"], one["model"]) for one in reading.tables.rows("published")] == [(98.5, "vgg16")]


@pytest.mark.parametrize("blank", [0, 3, 7, 8, 9])
def test_a_table_is_read_wherever_it_stands(blank):
    """The last lines of a source are looked at by themselves; a table may reach into them."""
    table = "Network  GPUs  img/s\n" + "".join(f"vgg16    {n}     {n}8.5\n" for n in range(1, 9))
    text = f"```\n{table}```\n" + "\n" * blank
    assert values_of(text, "num_devices") == [(n * 10 + 8.5, n) for n in range(1, 9)]


CAPTION = "ResNet-50, images/sec:\n"
NAMED = "GPU         bs=64   bs=128\nTesla V100  760.1   801.5\nTesla T4    230.4   241.0\n"
OF_ORG = "* ResNet-50 (images/sec)\n| GPU  | bs=64 | bs=128 |\n|------+-------+--------|\n| V100 | 760.1 |  801.5 |\n| T4   | 230.4 | 241 |\n"


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("notes.txt", CAPTION.replace(":", "") + "\n" + NAMED),
        ("notes.txt", "Of last week.\n\n" + CAPTION.replace(":", "") + "\n" + NAMED + "\nThat is all.\n"),
        ("notes.txt", CAPTION + "\n\n" + NAMED),
        ("notes.org", OF_ORG),
        ("notes.org", "#+TITLE: Speed\n\n" + OF_ORG + "\n"),
    ],
)
def test_a_unit_stands_above_a_table_of_plain_text(name, text):
    """In a format without fences, too: the table and its caption are text, and lines around them what they were."""
    found = [(760.1, 64, "V100"), (801.5, 128, "V100"), (230.4, 64, "T4"), (241.0, 128, "T4")]
    named = [
        (value, size, device[-len(short) :])
        for (value, size, device), (*_, short) in zip(
            values_of(text, "batch_size", "device", name=name), found, strict=True
        )
    ]
    assert named == found
    explained = {line.text: line.category for line in explain(memory_source(name, text.encode()))}
    read_lines = [
        line for line in text.splitlines() if "bs=64" in line or "V100" in line or "images/sec" in line
    ]
    assert {explained[line] for line in read_lines} == {"prose"}


@pytest.mark.parametrize(
    "above", ["", "ResNet-50:\n\n", CAPTION + "\n" * 5, "It reached 300 images/sec.\n\n"]
)
def test_a_table_of_plain_text_without_a_unit_near_it_stays_unknown(above):
    """What its numbers are is not guessed."""
    assert values_of(above + NAMED, name="notes.txt") == []


def test_a_list_in_a_list_is_no_table():
    """It begins as a row of a list-table does; its items are results as those of any list."""
    text = "* - 4 GPUs: 123 images per sec\n* - 8 GPUs: 240 images per sec\n"
    assert values_of(text, "num_devices") == [(123.0, 4), (240.0, 8)]


def test_text_in_a_log_of_lines_stays_unknown():
    """Lines of a log that name a speed, step by step, are no results that somebody published."""
    text = "```\nEpoch 1: 120 images/sec\niter 20  loss 6.9\nINFO speed: 33 samples/sec\n```\n"
    reading = read([memory_source("a.md", text.encode())])
    (row,) = reading.tables.rows("lines")
    assert (list(reading.tables.rows("published")), row["unknown"]) == ([], 3)


def test_a_command_says_more_than_a_heading():
    """The numbers go by the command; that the heading says something else is a finding."""
    text = "## InceptionV3\n`python tf_cnn_benchmarks.py --model=resnet50`\n\n| Run | images/sec |\n|---|---|\n| a | 40.5 |\n"
    reading = read([memory_source("README.md", text.encode())])
    assert [row["model"] for row in reading.tables.rows("published")] == ["resnet50"]
    (finding,) = reading.tables.rows("findings")
    assert finding["code"] == "label-contradicts-command"
    assert "InceptionV3, the command says resnet50" in finding["message"]


def test_a_command_of_a_run_says_nothing_of_a_table_below():
    """The log between them is what the command printed."""
    log = "total images/sec: 71.30\n"
    text = f"## A\n```\n$ python tf_cnn_benchmarks.py --model=vgg16\n{log}```\n\n| Run | images/sec |\n|---|---|\n| a | 40.5 |\n"
    assert values_of(text, "model") == [(40.5, None)]


@pytest.mark.parametrize(
    ("heading", "device"),
    [("On a Tesla K80", "Tesla K80"), ("Why is the K80 so slow?", None), ("No K80 here", None), ("The K80 is slow", None),
     ("K80 and P100", None)],
)  # fmt: skip
def test_a_heading_names_a_device_only_where_it_is_a_name(heading, device):
    """A question, a denial and a sentence are none."""
    assert values_of(f"# {heading}\n\n| Network | img/s |\n|---|---|\n| vgg16 | 35.5 |\n", "device") == [
        (35.5, device)
    ]


@pytest.mark.parametrize(
    ("row", "devices"),
    [("4 x DGX-1 | 8", None), ("DGX-1 | 8", 8)],
)
def test_a_number_of_devices_in_one_of_several_servers_is_not_that_of_all(row, devices):
    """Missing is better than wrong."""
    assert values_of(f"| System | GPUs | img/s |\n|---|---|---|\n| {row} | 99.5 |\n", "num_devices") == [
        (99.5, devices)
    ]


def test_nodes_without_their_number_of_devices():
    """Two nodes of a machine with 8 GPUs have another number of them."""
    text = "### 8x V100\n\n| Nodes | img/s |\n|---|---|\n| 1 | 2800.5 |\n| 2 | 5500.5 |\n"
    assert values_of(text, "num_devices") == [(2800.5, 8), (5500.5, None)]


@pytest.mark.parametrize("cell", ["16,8", "128 (fp32) / 256 (fp16)", "auto"])
def test_a_batch_size_that_cannot_be_read_is_missing(cell):
    """It is not that of the heading either."""
    text = f"### Batch size 64\n\n| Model | Batch size | img/s |\n|---|---|---|\n| vgg16 | {cell} | 98.5 |\n"
    assert values_of(text, "batch_size") == [(98.5, None)]


@pytest.mark.parametrize("head", ["Speedup", "vs V100", "Ratio", "Scaling", "V100 price", "V100 (W)", "V100 memory", "V100 TFLOPS",
                                  "V100 top-1", "V100 loss", "V100 params (M)", "V100 utilization", "Δ V100"])  # fmt: skip
def test_columns_of_other_quantities_take_no_unit_from_above(head):
    """A unit above a table is that of speeds, not of what stands beside them."""
    text = f"### Training (images/sec)\n\n| Model | A100 | {head} |\n|---|---|---|\n| vgg16 | 98.5 | 1.5 |\n"
    assert values_of(text) == [(98.5,)]


@pytest.mark.parametrize(
    "label",
    [
        "Speedup",
        "Batch size",
        "Memory (GB)",
        "Parameters",
        "Epochs",
        "Threads",
        "Driver",
        "Price",
        "Accuracy",
    ],
)
def test_rows_of_other_quantities_are_no_speeds(label):
    """Settings and other results stand between speeds."""
    text = f"### images/sec\n\n| | V100 | A100 |\n|---|---|---|\n| vgg16 | 98.5 | 200.5 |\n| {label} | 64 | 65 |\n"
    assert values_of(text) == [(98.5,), (200.5,)]


TABLE = "\n| Batch size | img/s |\n|---|---|\n| 8 | 98.5 |\n"


def test_a_heading_is_nearer_than_the_settings_of_the_sections_around_it():
    """The processor of a list of the hardware is no device of results below a heading that names a card."""
    hardware = "## Performance\n\nHardware:\n* CPU: Xeon Gold 6132\n* T4 (with clock 5000MHz)\n* V100\n"
    text = f"{hardware}\n### On A100\n{TABLE}\n### On T4\n{TABLE}\n### Another\n{TABLE}"
    assert values_of(text, "device") == [(98.5, "A100"), (98.5, "T4"), (98.5, None)]
    outer = "## Results\n\nGPU: K80\nBatch size: 16\n\n### 4x P100\n\n| Model | img/s |\n|---|---|\n| vgg16 | 98.5 |\n"
    assert values_of(outer, "device", "num_devices", "batch_size") == [(98.5, "P100", 4, 16)]


@pytest.mark.parametrize(
    ("lines", "device"),
    [("CPU: Xeon E5-2690", "Xeon E5-2690"), ("CPU: Xeon E5-2690\nGPU: K80", "K80"), ("GPU: K80\nCPU: Xeon E5-2690", "K80")],
)  # fmt: skip
def test_a_processor_is_the_device_where_no_card_is_named(lines, device):
    """Whichever of the two stands first."""
    assert values_of(f"# Results\n\n{lines}\n{TABLE}", "device") == [(98.5, device)]


@pytest.mark.parametrize(
    ("heading", "model"),
    [
        ("BERT 1.0 for TensorFlow 2", "BERT"), ("EfficientNet v1-B4", "EfficientNet v1-B4"), ("EfficientNetV2-S", "EfficientNetV2-S"),
        ("EfficientDet-D0", "EfficientDet-D0"), ("Transformer-XL", "Transformer-XL"), ("nnU-Net 3D", "nnU-Net"), ("ELECTRA", "ELECTRA"),
        ("FasterTransformer", None), ("Faster R-CNN", "Faster R-CNN"), ("SqueezeNet1.1", "SqueezeNet1.1"),
        ("MobileNet v1.0", "MobileNet v1.0"), ("ResNet-50 v1.5", "ResNet-50 v1.5"), ("mobilenet_v1_1.0_224", "mobilenet_v1"),
    ],
)  # fmt: skip
def test_a_network_is_named_with_its_variant_and_without_the_version_of_its_code(heading, model):
    """B0 and B4 are two networks, and the 1.0 of a release is none."""
    assert values_of(f"# {heading}\n{TABLE}", "model") == [(98.5, model)]


@pytest.mark.parametrize(
    ("cell", "device", "devices"),
    [("32 P100s", "P100", 32), ("8x V100 16G", "V100 16G", 8), ("1080 Ti", "1080 Ti", None), ("Jetson TX2", "Jetson TX2", None)],
)  # fmt: skip
def test_a_device_is_named_without_its_number_and_with_its_memory(cell, device, devices):
    """The number of devices is a fact of its own; cards of 16 and of 32 GB are two."""
    text = f"| Device | img/s |\n|---|---|\n| {cell} | 98.5 |\n"
    assert values_of(text, "device", "num_devices") == [(98.5, device, devices)]
    heading = f"# Results on {cell}\n{TABLE}"
    assert values_of(heading, "device", "num_devices") == [(98.5, device, devices)]


def test_the_framework_of_a_heading_is_that_of_tables_that_name_none():
    """Two frameworks are told apart by their headings; of rows that a table leaves without one nobody says."""
    two = f"# PyTorch 0.3\n{TABLE}\n# Tensorflow 1.4\n{TABLE}"
    assert values_of(two, "framework") == [(98.5, "PyTorch 0.3"), (98.5, "Tensorflow 1.4")]
    some = "# TensorRT\n\n| Runtime | img/s |\n|---|---|\n| TensorRT | 98.5 |\n| ONNX Runtime | 8.5 |\n"
    assert values_of(some, "framework") == [(98.5, "TensorRT"), (8.5, None)]


def test_a_column_with_a_batch_size_of_its_own():
    """It is nearer than the one above the table."""
    text = "# ResNet-50, batch size 256 (img/s)\n\n| GPUs | OneFlow | TensorFlow bsz=224 |\n|---|---|---|\n| 1 | 802.5 | 945.5 |\n"
    assert values_of(text, "framework", "batch_size") == [(802.5, "OneFlow", 256), (945.5, "TensorFlow", 224)]


@pytest.mark.parametrize(
    ("cell", "value"),
    [("29 911", 29911), ("181 384 ", 181384), ("1 234 567", 1234567), ("12 34", None), ("64 1285", None), ("1,234 567", None)],
)  # fmt: skip
def test_thousands_may_have_a_blank(cell, value):
    """Three digits at a time, and one separator in a number."""
    text = f"| GPUs | img/s |\n|---|---|\n| 1 | {cell} |\n"
    assert values_of(text) == ([] if value is None else [(value,)])


def test_a_line_of_two_numbers_is_no_result():
    """Two GPUs with 650 images each second are not 2650 on one."""
    text = "GPUs, speed on a V100\n1 350 images/sec on V100\n2 650 images/sec on V100\n\n- VGG16: 1 870 img/s on V100\n"
    assert values_of(text, "model") == [(1870, "VGG16")]


@pytest.mark.parametrize(
    ("cell", "seconds"),
    [("4h 48min", 17280), ("1h23m", 4980), ("0h 53min", 3180), ("2m 30s", 150), ("~1 h 5 min", 3900), ("33min", 1980), ("1h", 3600),
     ("4h-5h", None)],
)  # fmt: skip
def test_a_duration_of_several_units(cell, seconds):
    """Hours, minutes and seconds are one time."""
    text = f"| GPUs | Training time |\n|---|---|\n| 8 | {cell} |\n"
    assert values_of(text, "unit", "num_devices") == ([] if seconds is None else [(seconds, "s", 8)])


def test_times_of_networks_need_no_head_that_speaks_of_time():
    """`7.5 ms` in the row of a network is its time, and p50 is one of latencies."""
    rows = "| inception_v1 | 224x224 | 7.5 ms | 25 ms |\n| resnet50 | 299x299 | 50 ms | |\n"
    text = f"| Network | Input | TensorRT | TensorFlow |\n|---|---|---|---|\n{rows}"
    assert values_of(text, "model", "framework") == [
        (0.0075, "inception_v1", "TensorRT"), (0.025, "inception_v1", "TensorFlow"), (0.05, "resnet50", "TensorRT"),
    ]  # fmt: skip
    assert values_of("| Kind | p50 | Size |\n|---|---|---|\n| fp16 | 0.75 ms | 46 MB |\n") == [(0.00075,)]


def test_a_row_of_the_processor_is_not_of_the_card_above():
    """A label that names nothing but CPU, or a framework on it; CPU and GPU beside results are rows of them."""
    text = "# RTX 3090\n\n| Backend | img/s |\n|---|---|\n| TensorFlow CPU | 2.5 |\n| TensorFlow | 98.5 |\n"
    assert values_of(text, "device") == [(2.5, "CPU"), (98.5, "RTX 3090")]
    text = "| 平台 | 耗时 (ms) | 吞吐量 (FPS) |\n|---|---|---|\n| CPU | 125.5 | 256 |\n| GPU (RTX 3080) | 15.5 | 2105 |\n"
    assert values_of(text, "device") == [
        (0.1255, "CPU"),
        (256, "CPU"),
        (0.0155, "RTX 3080"),
        (2105, "RTX 3080"),
    ]


@pytest.mark.parametrize("head", ["速度 (张/秒)", "枚/秒", "Bilder/s", "img/s"])
def test_units_of_other_languages(head):
    """What people in China, Japan and Germany count."""
    assert values_of(f"| GPU | {head} |\n|---|---|\n| V100 | 98.5 |\n", "unit") == [(98.5, SPEED)]


@pytest.mark.parametrize(
    ("heading", "head", "phase"),
    [("Training performance", "img/s", "training"), ("Inference performance", "img/s", "inference"), ("VGG16", "img/s", None),
     ("Training and inference", "img/s", None), ("Training and inference", "Inference img/s", "inference"),
     ("Training", "vgg16 eval (img/s)", "inference"), ("Pretrained models", "img/s", None)],
)  # fmt: skip
def test_a_table_or_its_heading_says_whether_a_number_is_of_training(heading, head, phase):
    """The head of a column is nearer than the heading above."""
    text = f"# Results\n\n## {heading}\n\n| Batch size | {head} |\n|---|---|\n| 8 | 98.5 |\n"
    assert values_of(text, "phase") == [(98.5, phase)]


def test_what_else_parts_rows_of_one_name_is_kept():
    """Columns that are neither results nor names, where rows differ in them or where they hold a batch size that cannot be read."""
    text = """\
| GPUs | Sequence length | Batch size / GPU | Optimizer | Loss | img/s | Speedup | Power (W) |
|---|---|---|---|---|---|---|---|
| 1 | 128 | 16 (FP32), 32 (FP16) | sgd | 0.5 | 98.5 | 1.0 | 250 |
| 1 | 512 | 16 (FP32), 32 (FP16) | sgd | 0.6 | 28.5 | 1.1 | 260 |
"""
    sizes = "Batch size / GPU 16 (FP32), 32 (FP16)"
    assert values_of(text, "settings") == [
        (98.5, f"Sequence length 128, {sizes}"),
        (28.5, f"Sequence length 512, {sizes}"),
    ]
    assert values_of("| Batch size | Precision | img/s |\n|---|---|---|\n| 8 | fp16 | 98.5 |\n| 16 | fp32 | 90.5 |\n", "settings") == [
        (98.5, None), (90.5, None),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("heading", "table", "values"),
    [
        (
            "images/sec",
            "| Batch size | Throughput | Latency |\n|---|---|---|\n| 8 | 98.5 | 81.5 |\n",
            [(98.5, SPEED)],
        ),
        (
            "Time per batch (ms)",
            "| Batch size | Throughput | Latency |\n|---|---|---|\n| 8 | 98.5 | 81.5 |\n",
            [(0.0815, "s")],
        ),
        ("images/sec", "| | V100 |\n|---|---|\n| Throughput | 98.5 |\n| Latency | 81.5 |\n", [(98.5, SPEED)]),
        ("images/sec", "| | V100 | Time |\n|---|---|---|\n| VGG16 | 98.5 | 81.5 |\n", [(98.5, SPEED)]),
    ],
)
def test_a_unit_of_speeds_above_a_table_is_none_of_its_times(heading, table, values):
    """The word of a head or of a label is nearer than the unit above: a number that it does not fit has none."""
    assert values_of(f"# {heading}\n\n{table}", "unit") == values


def findings_of(text):
    """Code, line and details of what is found in a document."""
    rows = read([memory_source("README.md", text.encode())]).tables.rows("findings")
    return [(row["code"], row["line"], row["details"]) for row in rows]


def test_a_table_of_results_without_a_unit_is_said():
    """Its numbers are no values, and are not lost without a word; a unit above, or columns of other things, are nothing to say."""
    table = "| GPUs | Inception v3 | VGG16 |\n|---|---|---|\n| 1 | 142 | 154 |\n| 8 | 1131 | N/A |\n"
    assert values_of(f"# Training\n\n{table}") == []
    assert findings_of(f"# Training\n\n{table}") == [("no-unit", 3, '{"count": 3}')]
    assert findings_of(f"# Training, images/sec\n\n{table}") == []
    for other in ("| Model | Layers | Top-1 |\n|---|---|---|\n| vgg16 | 16 | 71.5 |\n| resnet50 | 50 | 76.1 |\n",
                  "| Options | vgg16 | resnet50 |\n|---|---|---|\n| Batch size per GPU | 64 | 32 |\n",
                  "| Type | Count |\n|---|---|\n| V100 | 8 |\n| A100 | 16 |\n"):  # fmt: skip
        assert findings_of(f"# Set-up\n\n{other}") == []


def test_a_report_on_nothing_but_such_tables_says_so(tmp_path):
    """It is no report, and the error says what stands there instead of results."""
    path = tmp_path / "README.md"
    path.write_text(
        "# T\n\n| GPUs | vgg16 | resnet50 |\n|---|---|---|\n| 1 | 142 | 154 |\n| 8 | 1131 | 990 |\n"
    )
    with pytest.raises(
        SourceError, match=r"holds no benchmark run .*; line 3: 4 numbers stand by names .* without a unit"
    ):
        report(str(path))


def steps_of(text):
    """How many lines of text a document's sections look at for its results."""
    looked = []
    original = Context.say
    Context.say = lambda self, line, text: (looked.append(line), original(self, line, text))[1]
    try:
        read([memory_source("a.md", text.encode())])
    finally:
        Context.say = original
    return len(looked)


def test_each_line_of_text_is_looked_at_once():
    """However many results there are, the work grows as the document does."""
    document = "A sentence about a K80.\n\n- 1 GPU: 3.5 images/sec\n\n"
    assert steps_of(document * 200) == 2 * steps_of(document * 100) == 200


@pytest.mark.parametrize(
    "text",
    [
        "<table>\n",
        "<table><tr></tr><tr></tr></table>\n",
        "<table><td rowspan=0 colspan=9999999999>1 img/s</table>\n",
        "<table>\n<tr><td>a\n\n# V100\n",
        "|\n|---|\n|\n",
        "||\n|-|\n|||||||\n",
        "a | b\n--|--\n" + "| " * 50 + "\n",
        "=====\n=====\n",
        "\t\t\n\t1 img/s\n",
        "| Model | " + "9" * 400 + " |\n|---|---|\n| vgg16 | 1" + ",000" * 200 + " img/s |\n",
        "- " + "8x " * 500 + "V100: 3 images/sec\n",
    ],
)
@pytest.mark.parametrize("ending", ["md", "txt", "html"])
def test_no_table_is_too_odd(text, ending):
    """Whatever stands there, every line is counted once, and no value comes of nothing."""
    reading = read([memory_source(f"a.{ending}", text.encode())])
    assert not reading.errors
    (row,) = reading.tables.rows("lines")
    assert sum(row[name] for name in LEDGER) == row["total"]
    assert all(0 < value < 1e9 for value in reading.tables.columns["published"]["value"])


def test_a_profile_is_no_table_of_results():
    """It says how long operations took within a run."""
    text = "```\nName       Self CPU   CPU time avg  # of Calls\nconv2d     12.5ms     1.5ms         8\n```\n"
    assert values_of(text) == []
    sheet = "```\nCOUNT,avg (ms),max (ms),DEV,KERNEL\n   100,  0.965, 1.005,CPU,warp\n```\n"
    assert values_of(sheet) == []


@pytest.mark.parametrize(
    ("text", "device"),
    [("Measured on a K80.", "K80"), ("You need at least a K80.", None), ("Much faster than a K80.", None),
     ("If you have a K80, try this.", None), ("Not on a K80.", None), ("On a K80 and a P100.", None)],
)  # fmt: skip
def test_a_sentence_names_a_device_only_where_it_speaks_of_what_was_measured(text, device):
    """What is advised, compared or denied was not used; of several nobody knows which."""
    document = f"# Speeds\n\n{text}\n\n| Network | img/s |\n|---|---|\n| vgg16 | 35.5 |\n"
    assert values_of(document, "device") == [(35.5, device)]


def test_totals_in_a_list_are_of_the_command_above():
    """What a script printed last, as items of a list: each with what its own words say instead."""
    text = """`python tf_cnn_benchmarks.py --batch_size=64 --model=resnet50`

* total images/sec: 811.25
* **total images/sec: 815.50** (fp16)
- K80: total images/sec: 50.33
1. with 4 GPUs : Total images/sec: 1350.33, batch 32
"""
    assert values_of(text, "model", "batch_size", "precision", "device", "num_devices", "row_label") == [
        (811.25, "resnet50", 64, None, None, None, "result"),
        (815.5, "resnet50", 64, "fp16", None, None, "result"),
        (50.33, "resnet50", 64, None, "K80", None, "K80"),
        (1350.33, "resnet50", 32, None, None, 4, "with 4 GPUs"),
    ]


@pytest.mark.parametrize(
    "line",
    [
        "We got 2 650 images/sec on 8 V100s with fp16.",
        "Durchsatz: 1.234,5 Bilder/s",
        "It reaches 0.145 s/batch, 1.5x as fast as before.",
        "The script trains at **350** images per second, which is 7.2x one card.",
    ],
)
def test_results_in_running_text_are_said_and_not_read(line):
    """A number with a unit in a sentence is no value; a finding names its line, and so does `explain`."""
    text = f"# Results\n\nHow fast it is:\n{line}\n"
    assert values_of(text) == []
    assert findings_of(text) == [("results-in-prose", 4, '{"lines": "4"}')]
    kinds = [kind for one in explain(memory_source("README.md", text.encode())) for kind, _ in one.kinds]
    assert kinds == ["document.heading", "document.text", "document.stated"]


def test_decimal_commas_in_a_list():
    """A number that can only be one of decimals is read; one of a German unit that could be either is not, and is said."""
    text = "# Speed\n\n- V100: 350,5 Bilder/s\n- P100: 12,345 Bilder/s\n- K80: 12,345 images/s\n"
    assert values_of(text, "device") == [(350.5, "V100"), (12345.0, "K80")]
    assert findings_of(text) == [("results-in-prose", 4, '{"lines": "4"}')]


def test_networks_below_a_head_of_devices_are_no_devices():
    """`GPUs | 1 | 8` counts, and its rows are networks."""
    text = "# Speed\n\n| GPUs | 1 | 8 |\n|---|---|---|\n| ResNet-50 (images/s) | 350.5 | 2650.0 |\n"
    assert values_of(text, "model", "device", "num_devices") == [
        (350.5, "ResNet-50", None, 1),
        (2650.0, "ResNet-50", None, 8),
    ]


@pytest.mark.parametrize(
    "line",
    [
        "The clip is a 30 fps video.",
        "The ResNet-50 images/sec are in the table.",
        "On a GTX 1080 images/sec were fewer.",
        "A target of 500 images/sec is fine.",
        "The theoretical speed is 900 images/s.",
        "- 4 GPUs: 123 images per sec",
        "All numbers are images/sec, of 8 GPUs.",
        "It trained for 3 hours with 8 GPUs.",
    ],
)
def test_what_states_no_result_is_plain_text(line):
    """Units without a number, names that end in one, aims, and lists that are read: no finding."""
    assert findings_of(f"# Results\n\n{line}\n") == []


def test_many_lines_of_prose_are_one_finding():
    """Of ten lines the first eight are named, and how many more there are."""
    text = "# Results\n\n" + "\n\n".join(
        f"With {n} GPUs it reaches {n}00 images/s in all." for n in range(2, 12)
    )
    assert findings_of(text) == [
        ("results-in-prose", 3, '{"lines": "3, 5, 7, 9, 11, 13, 15, 17 and 2 more"}')
    ]


@pytest.mark.parametrize(
    ("unit", "numbers", "values", "count"),
    [
        ("images/s", ("1.234,5", "812,25", "1.200"), [1234.5, 812.25, 1200.0], 0),
        ("images/s", ("12,5", "9,75", "12,345"), [12.5, 9.75, 12.345], 0),
        ("images/s", ("2 650,5", "812,25", "~1.200,0"), [2650.5, 812.25, 1200.0], 0),
        ("images/s", ("12,5 ± 0,3", "9,75 ± 0,12", "0,875"), [12.5, 9.75, 0.875], 0),
        ("images/s", ("12,345", "10,200", "8,150"), [12345.0, 10200.0, 8150.0], 0),
        ("images/s", ("1,234.5", "12,345", "812.25"), [1234.5, 12345.0, 812.25], 0),
        ("images/s", ("1,234,567", "12,345", "812"), [1234567.0, 12345.0, 812.0], 0),
        ("Bilder/s", ("12,345", "10,200", "812"), [812.0], 2),
        ("images/s", ("12,5", "12.5", "12,345"), [12.5], 2),
    ],
)  # fmt: skip
def test_decimal_commas_are_read_or_said_to_be_unclear(unit, numbers, values, count):
    """A number that can only be one of decimals, or of thousands, says it for its column; where none does, as in English.

    A unit in German, or numbers of both kinds, make those unclear that could be either.
    """
    rows = "".join(
        f"| {name} | {number} |\n" for name, number in zip(("V100", "P100", "K80"), numbers, strict=True)
    )
    text = f"# Results\n\n| GPU | {unit} |\n|---|---|\n{rows}"
    assert values_of(text) == [(value,) for value in values]
    assert [details for code, _, details in findings_of(text) if code == "unclear-comma"] == (
        [f'{{"count": {count}, "number": "{next(n for n in numbers if "," in n)}"}}'] if count else []
    )


def test_another_column_makes_a_comma_unclear():
    """12,345 beside 12,5 is no 12345; prices beside no result are nothing to say. HTML and tabs are the same."""
    html = (
        "<table><tr><th>GPU</th><th>images/s</th><th>ms/batch</th></tr>"
        "<tr><td>V100</td><td>12,5</td><td>12,345</td></tr>\n<tr><td>P100</td><td>9,25</td><td>1.200</td></tr></table>\n"
    )
    for table in (
        html,
        "| GPU | images/s | ms/batch |\n|---|---|---|\n| V100 | 12,5 | 12,345 |\n| P100 | 9,25 | 1.200 |\n",
        "GPU\timages/s\tms/batch\nV100\t12,5\t12,345\nP100\t9,25\t1.200\n",
    ):
        assert values_of(f"# Results\n\n{table}") == [(12.5,), (9.25,)]
        assert [code for code, _, _ in findings_of(f"# Results\n\n{table}")] == ["unclear-comma"]
    prices = "| Card | Price | Mass |\n|---|---|---|\n| V100 | 12,5 | 12,345 |\n| P100 | 9,25 | 1.200 |\n"
    assert findings_of(f"# Shop\n\n{prices}") == []


OF_A_PAGE = """\
<tr><th>GPU</th><th>images/s</th></tr>
<tr><td>V100</td><td>1,234.5</td></tr>
<tr><td>P100</td><td><b>812</b></td></tr>
"""


@pytest.mark.parametrize("breaks", ["\n", ""])
def test_a_table_of_a_web_page_is_read(breaks):
    """In a page as in Markdown, on one line or on several; the lines of a log that a table lays out are those of the log."""
    rows = OF_A_PAGE.replace("\n", breaks)
    page = f"<html><body><p>Speed</p>{breaks}<table class='x'>{breaks}{rows}</table>{breaks}</body></html>\n"
    tables = read([memory_source("a.html", page.encode())]).tables
    assert [(row["value"], row["device"]) for row in tables.rows("published")] == [
        (1234.5, "V100"),
        (812.0, "P100"),
    ]
    (lines,) = tables.rows("lines")
    assert sum(lines[name] for name in LEDGER) == lines["total"] == page.count("\n")
    log = [
        "conv1   [128, 56, 56, 64]",
        "2016-01-01 00:00:03.000000: Forward across 20 steps, 0.100 +/- 0.001 sec / batch",
    ]
    laid = "".join(f"<tr><th>{n}</th><td>{line}</td></tr>\n" for n, line in enumerate(log, 1))
    bare = "".join(f"<tr><td>{line}</td></tr>\n" for line in log)
    for text in (laid, bare):
        tables = read([memory_source("a.html", f"<table>\n{text}</table>\n".encode())]).tables
        if text is bare:
            assert [row["batch_size"] for row in tables.rows("phases")] == [128]
        assert tables.count("published") == 0


@pytest.mark.parametrize("line", ["=", "-"])
def test_cells_below_the_lines_of_a_rule_may_be_empty(line):
    """A simple table of reStructuredText, and what `tabulate` prints: where a cell stands says which column it is of."""
    rule = "  ".join(line * width for width in (10, 12, 14, 9))
    page = f"""Speed (batch size 32, images/sec)

{rule}
GPU         ResNet-50     Inception v3    VGG16
{rule}
V100        350.5         200
RTX 3090                  310.25          **120**
T4          90.5          -               60.5 img/s
{rule}
"""
    rows = read([memory_source("a.rst", page.encode())]).tables.rows("published")
    assert [(row["device"], row["model"], row["value"], row["batch_size"]) for row in rows] == [
        ("V100", "ResNet-50", 350.5, 32),
        ("V100", "Inception v3", 200.0, 32),
        ("RTX 3090", "Inception v3", 310.25, 32),
        ("RTX 3090", "VGG16", 120.0, 32),
        ("T4", "ResNet-50", 90.5, 32),
        ("T4", "VGG16", 60.5, 32),
    ]


@pytest.mark.parametrize(
    "words", ["batch size 32.", "batch size of 32, synthetic data.", "bs32.", "(batch 32)."]
)
def test_a_sentence_may_end_with_the_batch_size(words):
    """A point behind it is no decimal one."""
    page = f"# Speed\n\nAll with {words}\n\n| GPU | images/sec |\n|---|---|\n| V100 | 350 |\n"
    (row,) = read([memory_source("a.md", page.encode())]).tables.rows("published")
    assert row["batch_size"] == 32
