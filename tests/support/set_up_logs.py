"""Logs of set-ups that differ in device, flags, batch size and speed only."""

DEVICE = "2019-01-08 10:01:11.800530: I tensorflow/core/common_runtime/gpu/gpu_device.cc:1434] Found device 0 with properties:"


def log(device, speed, flags="", size=64):
    """What a run of tf_cnn_benchmarks prints, at a nearly steady speed."""
    lines = [
        f"$ python tf_cnn_benchmarks.py --model=resnet50 --batch_size={size} --num_gpus=1{flags}",
        DEVICE,
        f"name: {device} major: 6 minor: 1 memoryClockRate(GHz): 1.582",
        "Step\tImg/sec\ttotal_loss",
    ]
    for step in (1, *range(10, 101, 10)):
        own = speed + step // 10 % 2 / 10
        lines.append(f"{step}\timages/sec: {own:.1f} +/- 0.1 (jitter = 0.1)\t7.512")
    return "\n".join([*lines, "-" * 64, f"total images/sec: {speed:.2f}", "-" * 64]) + "\n"
