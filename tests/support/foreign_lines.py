"""Lines that no benchmark printed, 100 of each class, the same at every run."""

import itertools
import string

HOSTS = ("gpu1", "web-02", "node17", "ip-10-0-0-12")
PATHS = ("/index.html", "/api/v1/runs?limit=10", "/static/app.js", "/models/resnet50.tar.gz", "/favicon.ico")
STATUS = (200, 304, 404, 500)
NAMES = ("train", "evaluate", "load_data", "build_model", "main", "save_checkpoint")

SYSLOG = (
    "Jan {day:2} {clock} {host} kernel: [{n}.{ms:06}] nvidia 0000:01:00.0: irq {k} for MSI/MSI-X",
    "Jan {day:2} {clock} {host} systemd[1]: Started Session {n} of user root.",
    "Jan {day:2} {clock} {host} sshd[{n}]: Accepted publickey for admin from 10.0.0.{k} port {n} ssh2",
    "Jan {day:2} {clock} {host} CRON[{n}]: (root) CMD (test -x /usr/sbin/anacron)",
    '2021-03-{day:02}T{clock}.{ms:03}Z {host} dockerd[{n}]: time="2021" level=info msg="ignoring event"',
)
NGINX = (
    '10.0.0.{k} - - [{day:02}/Jan/2021:{clock} +0000] "GET {path} HTTP/1.1" {status} {n} "-" "curl/7.68.0"',
    '192.168.1.{k} - admin [{day:02}/Jan/2021:{clock} +0000] "POST {path} HTTP/2.0" {status} {n} "-" "Mozilla/5.0"',
    '2021/01/{day:02} {clock} [error] {k}#{k}: *{n} open() "/usr/share/nginx{path}" failed (2: No such file)',
)
CODE = (
    "def {name}(step, loss={x}):",
    "    for step in range({n}):",
    "        images_per_sec = batch_size * {k} / duration",
    "        print('step %d, loss = %.2f' % (step, loss))",
    "    return tf.reduce_mean(losses, name='{name}')",
    "if __name__ == '__main__':",
    "    parser.add_argument('--batch_size', type=int, default={n})",
    "class Trainer{n}(object):",
    "import numpy as np  # {n}",
    "    log_str = 'total images/sec: %.2f' % {x}",
    "    format_str = ('%s: step %d, loss = %.2f (%.1f examples/sec; %.3f sec/batch)')",
)
PROSE = (
    "We trained the model for {n} steps and saw the loss fall to {x} after the first epoch.",
    "On our machine this gave about {n} images per second, which is close to what others report.",
    "The second card did not change much: step {n} took as long as before, and the speed stayed the same.",
    "Please open an issue if your numbers differ by more than {k} percent from those in the table.",
    "In total images/sec rose from {k} to {n} once the input pipeline was fixed by the new release.",
    "Note that the batch size of {n} does not fit into the memory of smaller cards, so we used {k}.",
    "It took {x} seconds for forward and backward across all the layers of the network.",
)
LIGHTNING = (
    "Epoch {k}:  {k}%|████      | {k}/{n} [00:{k:02}<01:{k:02}, {x}it/s, loss=0.{n}, v_num={k}]",
    "GPU available: True, used: True",
    "LOCAL_RANK: {k} - CUDA_VISIBLE_DEVICES: [0,1]",
    "  | Name    | Type       | Params",
    "Mode: max",
    "{k} | layer_{k} | Linear     | {n} K",
    "Validation sanity check:  50%|█████     | 1/2 [00:00<00:00,  {x}it/s]",
    "`Trainer.fit` stopped: `max_epochs={n}` reached.",
)
KERAS = (
    "Epoch {k}/{n}",
    "{k}/{n} [==>...........................] - ETA: {k}s - loss: {x} - accuracy: 0.{n}",
    "{n}/{n} [==============================] - {k}s {k}ms/step - loss: {x} - val_loss: {x}",
    "Train on {n} samples, validate on {n} samples",
    " - {k}s - loss: {x} - acc: 0.{n}",
    'Model: "sequential_{k}"',
    "Total params: {n},{k:03}",
)
TORCH = (
    "Train Epoch: {k} [{n}/60000 ({k}%)]\tLoss: {x}",
    "Epoch: [{k}][ {k}/5005]\tTime  0.{n} ( 0.{n})\tData  0.001 ( 0.002)\tLoss {x} ({x})\tAcc@1  {x} ( {x})",
    " * Acc@1 {x} Acc@5 {x}",
    "Test set: Average loss: 0.{n}, Accuracy: {n}/10000 ({k}%)",
    "DLL 2020-10-{day:02} {clock}.{ms:06} - Epoch: {k} Iteration: {n}  throughput_step : {x} samples/s",
    "iter {n}: loss {x}, time {x}ms, mfu {k}.00%",
    "[{clock}] INFO fairseq.trainer: | epoch {k:03} | loss {x} | wps {n} | num_updates {n}",
)
JSON_LOGS = (
    '{{"level":"info","ts":{n}.{ms:03},"caller":"server.go:{k}","msg":"request done","status":{status}}}',
    '{{"time": "2021-01-{day:02}T{clock}Z", "step": {n}, "loss": {x}, "lr": 0.1}}',
    '{{"epoch": {k}, "global_step": {n}, "images_per_sec": {x}}}',
    '{{"@timestamp":"2021-01-{day:02}T{clock}.{ms:03}Z","log":{{"level":"WARN"}},"message":"slow query {n}"}}',
)
YAML = (
    "batch_size: {n}",
    "  - name: {name}-{k}",
    "    image: tensorflow/tensorflow:2.{k}.0-gpu",
    "model:",
    "  learning_rate: {x}",
    "  devices: [{k}, {n}]",
    "# settings of experiment {n}",
    "Optimizer: SGD",
    "Batch size: {n}",
    "Devices: {k}",
)
SHELL = (
    "drwxr-xr-x 2 root root {n} Jan {day:2} 10:{k:02} data{k}",
    "Filesystem      Size  Used Avail Use% Mounted on",
    "/dev/sda{k}       {n}G  {k}G  {n}G  {k}% /data{k}",
    "$ ls -la /data/run{n}",
    "+ python train.py --epochs {n}",
    "top - {clock} up {k} days,  3:17,  2 users,  load average: {x}, {x}, {x}",
    "real\t{k}m{x}s",
    "Requirement already satisfied: numpy>=1.{k} in /usr/lib/python3/dist-packages (1.{k}.{k})",
    "|   {k}  GeForce GTX 108...  Off  | 00000000:{k:02}:00.0 Off |                  N/A |",
    "| N/A   {k}C    P0    {k}W / 250W |  {n}MiB / 16280MiB |     {k}%      Default |",
    "ninja: no work to do ({n}).",
)
CLASSES = {
    "syslog": SYSLOG, "nginx": NGINX, "Python code": CODE, "prose": PROSE, "Lightning": LIGHTNING, "Keras": KERAS,
    "PyTorch": TORCH, "JSON": JSON_LOGS, "YAML": YAML, "shell": SHELL,
}  # fmt: skip
EACH = 100


def foreign(templates):
    """The lines of one class: its templates in turn, with numbers and names that go round."""
    for n, template in zip(range(EACH), itertools.cycle(templates)):
        yield template.format(
            n=n * 37 + 11, k=n % 97 + 1, day=n % 28 + 1, ms=n * 131 % 1000, x=f"{n * 7 % 90 + 1}.{n % 10}{n % 7}",
            clock=f"{n % 24:02}:{n * 7 % 60:02}:{n * 13 % 60:02}", host=HOSTS[n % len(HOSTS)],
            path=PATHS[n % len(PATHS)], status=STATUS[n % len(STATUS)], name=NAMES[n % len(NAMES)],
            letter=string.ascii_lowercase[n % 26],
        )  # fmt: skip
