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
# Near misses of the formats that are grammars alone.
NEAR_LIGHTNING = (
    "Epoch {k} is {k}% done: {k} of {n} batches, {x}it/s",
    "GPU is available: True",
    "  | Name    | Kind       | Params",
    "Mode: max",
    "{k} | layer_{k} | {n}",
    "`fit` stopped: `max_epochs={n}` reached.",
    "{k}% of {n} [00:{k:02}]",
)
NEAR_KERAS = (
    "Epoch {k} of {n}",
    "{k}/{n} - loss: {x}",
    "{n}/{n} steps in {k}s, {k}ms each - loss: {x}",
    "Training on {n} images, validating on {n} images",
    "loss: {x} - acc: 0.{n}",
    "Model: sequential {k}",
    "Total params: {n},{k:03}",
)
NEAR_TORCH = (
    "Train Epoch: {k} [{n}/60000 ({k}%)]\tLoss: {x}",
    "Epoch {k}: [{k}/5005]\tLoss {x}",
    " * Accuracy {x} of {n}",
    "Test set: Average loss: 0.{n}, Accuracy: {n}/10000 ({k}%)",
    "iter {n}: loss {x} after {x}ms",
    "Images per second and node: {x}",
    "{{'loss': {x}, 'step': {n}}}",
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
    "|   {k}  GeForce GTX 1080  |  {n}MiB |",
    "GPU {k}: {n} MiB free",
    "ninja: no work to do ({n}).",
)
CLASSES = {
    "syslog": SYSLOG, "nginx": NGINX, "Python code": CODE, "prose": PROSE,
    "near Lightning": NEAR_LIGHTNING, "near Keras": NEAR_KERAS, "near PyTorch": NEAR_TORCH, "JSON": JSON_LOGS, "YAML": YAML, "shell": SHELL,
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
