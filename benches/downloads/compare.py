"""Measures downloads, each in a separate process, alternately.

usage: compare.py PROGRAM PEERS AWS WORK RUNS

PROGRAM is ours, PEERS the directory of the programs built here, WORK a directory with `export`.
"""

import base64
import hashlib
import json
import os
import pathlib
import shutil
import statistics
import subprocess
import sys

PREFIX = "AWSSimpleDB/c0ffee/Generated"
ARN = "arn:aws:sdb:us-east-1:111122223333:domain/Generated/export/c0ffee"
# Files at once: the default of `simpledb-export download`.
THREADS = "4"
# Every how many-th response ends in the middle.
CUT = "10"


def commands(program, peers, aws, target, address):
    """Returns the command of each client by its title; `None` if it is not installed."""
    url = f"http://{address}"
    rclone = shutil.which("rclone")
    return {
        "receiving and MD5 alone": [f"{peers}/floor", address, THREADS],
        "the same, writing the files": [f"{peers}/floor", address, THREADS, target],
        "`simpledb-export download`": [
            program, "--quiet", "--endpoint-url", url, "download", "--export-arn", ARN, "--to", target,
            "--s3-endpoint-url", url, "--threads", THREADS,
        ],
        "`object_store`": [f"{peers}/object-store", address, THREADS, target],
        "rclone": rclone and [
            rclone, "copy", f":s3:exports/{PREFIX}", f"{target}/{PREFIX}",
            "--s3-provider", "Other", "--s3-env-auth", "--s3-endpoint", url,
            "--transfers", THREADS, "--checkers", THREADS,
        ],
        "`aws s3 sync`": [
            aws, "--endpoint-url", url, "s3", "sync", "--only-show-errors",
            f"s3://exports/{PREFIX}", f"{target}/{PREFIX}",
        ],
    }  # fmt: skip


def environment(work):
    """Returns an environment without the machine's settings, with a made-up key."""
    home = f"{work}/home"
    os.makedirs(home, exist_ok=True)
    settings = f"[default]\ns3 =\n    max_concurrent_requests = {THREADS}\n"
    pathlib.Path(home, "config").write_text(settings)
    pathlib.Path(home, "rclone.conf").write_text("")
    return {
        "PATH": os.environ["PATH"],
        "HOME": home,
        "AWS_CONFIG_FILE": f"{home}/config",
        "RCLONE_CONFIG": f"{home}/rclone.conf",
        "AWS_ACCESS_KEY_ID": "AKIDEXAMPLE",
        "AWS_SECRET_ACCESS_KEY": "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY",
        "AWS_REGION": "us-east-1",
        "AWS_DEFAULT_REGION": "us-east-1",
        "AWS_EC2_METADATA_DISABLED": "true",
    }


def measure(peers, command, env):
    """Runs a command; returns CPU and wall time in seconds, peak memory in MiB, exit code, and errors."""
    done = subprocess.run(
        [f"{peers}/measure", *command], env=env, stdin=subprocess.DEVNULL, capture_output=True, text=True
    )
    *figures, code = done.stdout.splitlines()[-1].split()
    return [float(figure) for figure in figures], int(code), done.stderr


def is_complete(export, target):
    """Returns whether all data files are there with the manifest's checksums."""
    for entry in json.loads(pathlib.Path(export, "manifest-file.json").read_text()):
        path = pathlib.Path(target, entry["dataFileS3Key"])
        if not path.is_file():
            return False
        with path.open("rb") as file:
            digest = hashlib.file_digest(file, "md5").digest()
        if base64.b64encode(digest).decode() != entry["md5Checksum"]:
            return False
    return True


class Server:
    """The server, for as long as the block runs."""

    def __init__(self, peers, export, *cut):
        self.command = [f"{peers}/server", export, *cut]

    def __enter__(self):
        pipe = subprocess.PIPE
        self.process = subprocess.Popen(self.command, stdin=pipe, stdout=pipe, text=True)
        return self.process.stdout.readline().strip()

    def __exit__(self, *_):
        self.process.stdin.close()
        self.process.wait()


def download(peers, command, env, export, target):
    """Downloads everything into a new directory; returns the figures, or `None` if that failed."""
    shutil.rmtree(target, ignore_errors=True)
    figures, code, errors = measure(peers, command, env)
    if code == 0 and (target not in " ".join(command) or is_complete(export, target)):
        return figures
    reason = errors.strip().splitlines() or ["files are missing or wrong"]
    print(f"{pathlib.Path(command[0]).name}: exit code {code}: {reason[-1][:160]}", file=sys.stderr)
    return None


def run_all(arguments, runs, *cut):
    """Returns the medians of each client, and in how many runs it completed the download."""
    program, peers, aws, work = arguments
    export, target = f"{work}/export", f"{work}/target"
    env = environment(work)
    with Server(peers, export, *cut) as address:
        clients = commands(program, peers, aws, target, address)
        clients = {title: command for title, command in clients.items() if command}
        results = {title: [] for title in clients}
        for _ in range(runs):
            for title, command in clients.items():
                if not (cut and command[0].endswith("/floor")):
                    results[title].append(download(peers, command, env, export, target))
    shutil.rmtree(target, ignore_errors=True)
    done = {title: [run for run in all_runs if run] for title, all_runs in results.items()}
    medians = {
        title: [statistics.median(column) for column in zip(*all_runs)]
        for title, all_runs in done.items()
    }
    return medians, {title: len(all_runs) for title, all_runs in done.items()}


def main(*arguments, runs):
    whole, _ = run_all(arguments, runs)
    cut, complete = run_all(arguments, runs, CUT)
    floor = whole["receiving and MD5 alone"][0]
    print("| | CPU time | ÷ receiving and MD5 | wall time | memory | CPU, cut | wall, cut | complete, cut |")
    print("|---|--:|--:|--:|--:|--:|--:|--:|")
    for title, figures in whole.items():
        cells = ["–"] * 4
        if figures:
            cpu, wall, memory = figures
            cells = [f"{cpu:.2f} s", f"{cpu / floor:.2f}", f"{wall:.2f} s", f"{memory:.0f} MiB"]
        cells += [f"{value:.2f} s" for value in cut[title][:2]] or ["–", "–"]
        cells.append("–" if "MD5" in title or "writing" in title else f"{complete[title]} of {runs}")
        print(f"| {title} | {' | '.join(cells)} |")


if __name__ == "__main__":
    main(*sys.argv[1:5], runs=int(sys.argv[5]))
