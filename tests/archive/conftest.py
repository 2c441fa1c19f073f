"""Where an archive of a test lies: in a folder, and on an S3 server on loopback; and logs to put into it."""

import logging
import uuid

import pytest


@pytest.fixture(scope="session")
def s3():
    """A real S3 server, which moto runs on a port of its own."""
    server = pytest.importorskip("moto.server")
    pytest.importorskip("s3fs")
    from moto import backends

    logging.getLogger("werkzeug").setLevel(logging.WARNING)  # else a failure shows every request
    running = server.ThreadedMotoServer("127.0.0.1", port=0, verbose=False)
    running.start()
    host, port = running.get_host_and_port()
    with pytest.MonkeyPatch.context() as patch:
        # For each request it would look on the disk for all its services, which takes half its time.
        services = [*backends.list_of_moto_modules()]
        patch.setattr(backends, "list_of_moto_modules", lambda: services)
        patch.setattr("moto.moto_server.werkzeug_app.MotoRequestHandler.protocol_version", "HTTP/1.1")
        patch.setenv("AWS_ENDPOINT_URL", f"http://{host}:{port}")
        patch.setenv("AWS_ACCESS_KEY_ID", "test")
        patch.setenv("AWS_SECRET_ACCESS_KEY", "test")
        patch.setenv("AWS_DEFAULT_REGION", "us-east-1")
        yield f"http://{host}:{port}"
    running.stop()


@pytest.fixture(params=["folder", pytest.param("s3", marks=pytest.mark.slow)])
def place(request, tmp_path):
    """A place where no archive is yet."""
    return place_of(request.param, request, tmp_path)


@pytest.fixture
def places(place, request, tmp_path):
    """Two such places of one kind."""
    return place, place_of("s3" if place.startswith("s3") else "folder", request, tmp_path)


def place_of(kind, request, tmp_path):
    """A new place of a kind."""
    name = f"lab-{uuid.uuid4().hex[:8]}"
    if kind == "folder":
        return str(tmp_path / name)
    request.getfixturevalue("s3")
    import s3fs

    s3fs.S3FileSystem().mkdir(name)
    return f"s3://{name}/logs of the lab"
