"""A temporary PostgreSQL cluster, on a socket in a temporary directory."""

import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import time
from contextlib import contextmanager
from pathlib import Path

USER = "postgres"


def program(name):
    """Returns the path of one of the server's programs, which Debian keeps out of the PATH."""
    found = sorted(Path("/usr/lib/postgresql").glob(f"*/bin/{name}"))
    path = str(found[-1]) if found else shutil.which(name)
    if path is None:
        raise FileNotFoundError(f"{name} is not installed; install Debian's postgresql")
    return path


def demoted():
    """Returns what makes a process run as another user than root, as the server demands."""
    if os.geteuid() != 0:
        return {}
    user = pwd.getpwnam(USER)
    return {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": []}


@contextmanager
def cluster():
    """Runs a cluster, and gives the parameters of a connection to it."""
    who = demoted()
    with tempfile.TemporaryDirectory(prefix="pg-", dir="/tmp") as directory:
        if who:
            os.chown(directory, who["user"], who["group"])
        data = f"{directory}/data"
        options = {**who, "cwd": directory, "stdin": subprocess.DEVNULL}
        subprocess.run(
            [program("initdb"), "-D", data, "-U", USER, "-A", "trust", "-E", "UTF8", "--locale=C", "--no-sync"],
            check=True, stdout=subprocess.DEVNULL, **options)
        with open(f"{directory}/log", "wb") as log:
            server = subprocess.Popen(
                [program("postgres"), "-D", data, "-k", directory, "-c", "listen_addresses=", "-c", "fsync=off"],
                stdout=log, stderr=log, **options)
        try:
            parameters = {"host": directory, "user": USER, "dbname": "postgres"}
            wait_until_ready(parameters, server, f"{directory}/log")
            yield parameters
        finally:
            server.send_signal(signal.SIGINT)  # A fast shutdown.
            server.wait(timeout=60)


def wait_until_ready(parameters, server, log):
    import psycopg

    limit = time.monotonic() + 60
    while True:
        try:
            psycopg.connect(**parameters).close()
            return
        except psycopg.OperationalError:
            if server.poll() is not None or time.monotonic() > limit:
                raise RuntimeError(f"PostgreSQL does not start: {Path(log).read_text()}") from None
            time.sleep(0.1)


def psql(parameters, *arguments, **options):
    """Runs psql with these arguments."""
    command = [program("psql"), "-X", "-q", "-v", "ON_ERROR_STOP=1", "-h", parameters["host"], "-U", parameters["user"],
               "-d", parameters["dbname"], *arguments]
    return subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True, **options).stdout
