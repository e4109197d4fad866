"""A temporary MariaDB server, on a socket in a temporary directory."""

import os
import pwd
import shutil
import subprocess
import tempfile
import time
from contextlib import contextmanager
from pathlib import Path

USER = "root"
DATABASE = "readers"


def program(name):
    path = shutil.which(name, path=f"{os.environ['PATH']}:/usr/sbin")
    if path is None:
        raise FileNotFoundError(f"{name} is not installed; install Debian's mariadb-server-core and mariadb-client-core")
    return path


@contextmanager
def server():
    """Runs a server, and gives the parameters of a connection to an empty database."""
    who = pwd.getpwuid(os.geteuid()).pw_name
    with tempfile.TemporaryDirectory(prefix="maria-", dir="/tmp") as directory:
        data, socket, log = f"{directory}/data", f"{directory}/socket", f"{directory}/log"
        with open(log, "wb") as output:
            options = {"cwd": directory, "stdin": subprocess.DEVNULL, "stdout": output, "stderr": output}
            install = ["--no-defaults", f"--user={who}", f"--datadir={data}", "--auth-root-authentication-method=normal"]
            subprocess.run([program("mariadb-install-db"), *install, "--skip-test-db"], check=True, **options)
            running = subprocess.Popen(
                [program("mariadbd"), "--no-defaults", f"--user={who}", f"--datadir={data}", f"--socket={socket}",
                 "--skip-networking", f"--pid-file={directory}/pid"], **options)
        try:
            parameters = {"unix_socket": socket, "user": USER}
            wait_until_ready(parameters, running, log)
            mariadb(parameters, f"--execute=CREATE DATABASE {DATABASE}").check_returncode()
            yield {**parameters, "database": DATABASE}
        finally:
            running.terminate()
            running.wait(timeout=60)


def wait_until_ready(parameters, running, log):
    limit = time.monotonic() + 60
    while mariadb(parameters, "--execute=SELECT 1").returncode != 0:
        if running.poll() is not None or time.monotonic() > limit:
            raise RuntimeError(f"MariaDB does not start: {Path(log).read_text(errors='replace')}")
        time.sleep(0.1)


def mariadb(parameters, *arguments, **options):
    """Runs the client with these arguments."""
    command = [program("mariadb"), "--no-defaults", f"--socket={parameters['unix_socket']}", f"--user={USER}", *arguments]
    return subprocess.run(command, capture_output=True, text=True, **options)
